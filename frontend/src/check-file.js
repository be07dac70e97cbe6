/** Tells at once, and not after a long upload, that a file is larger than what is taken. */
export function checkFiles(root) {
  root.addEventListener('change', ({ target }) => {
    if (!target.matches('input[type=file][data-max-bytes]')) return
    const tooLarge = [...target.files].some(({ size }) => size > Number(target.dataset.maxBytes))
    target.setCustomValidity(tooLarge ? target.dataset.tooLarge : '')
    target.reportValidity()
  })
}
