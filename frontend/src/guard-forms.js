/**
 * Keeps a double click from sending a form twice. The server acts once in any case; this spares the person
 * the wait. Coming back to the page by the browser's history frees the buttons again.
 */
export function guardForms(root) {
  root.addEventListener('submit', (event) => {
    const form = event.target
    if (!form.matches('form[data-once]')) return
    if (form.dataset.sent) {
      event.preventDefault()
      return
    }
    form.dataset.sent = 'true'
    for (const button of form.querySelectorAll('button[type=submit]')) button.setAttribute('aria-disabled', 'true')
  })

  window.addEventListener('pageshow', () => {
    for (const form of root.querySelectorAll('form[data-sent]')) {
      delete form.dataset.sent
      for (const button of form.querySelectorAll('button[type=submit]')) button.removeAttribute('aria-disabled')
    }
  })
}
