/**
 * The news of a notification leave the focus where it is. Where they take the focused button away, because it
 * is no longer possible, the focus goes to the notification's state instead of back to the top of the page.
 */
export function keepPlace(root) {
  let wasInside = false
  root.addEventListener('htmx:before:swap', () => {
    wasInside = root.activeElement?.closest('#live') != null
  })
  root.addEventListener('htmx:after:swap', () => {
    if (wasInside && root.activeElement === root.body) root.getElementById('state-title')?.focus()
  })
}
