/**
 * What htmx puts in its place leaves the focus where it is. Where it replaces the focused element, the focus goes to the one
 * that has its name; where there is none any more, as of a button that is no longer possible, to the state of what the page
 * tells about, or to the part that was replaced, instead of back to the top of the page.
 */
export function keepPlace(root) {
  let place
  root.addEventListener('htmx:before:swap', () => {
    const focused = root.activeElement
    place =
      focused && focused !== root.body
        ? { id: focused.id, live: focused.closest('#live') != null, part: focused.parentElement?.closest('[id]')?.id, at: selection(focused) }
        : undefined
  })
  root.addEventListener('htmx:after:swap', () => {
    if (!place || root.activeElement !== root.body) return
    const again = place.id && root.getElementById(place.id)
    const instead = (place.live && root.getElementById('state-title')) || (place.part && root.getElementById(place.part))
    if (again) {
      again.focus()
      if (place.at) again.setSelectionRange?.(...place.at)
    } else if (instead) {
      if (!instead.hasAttribute('tabindex')) instead.setAttribute('tabindex', '-1')
      instead.focus()
    }
  })
}

/** The marked text of a field, as a place to come back to; none where the field knows no such thing. */
function selection({ selectionStart, selectionEnd }) {
  return typeof selectionStart === 'number' ? [selectionStart, selectionEnd] : undefined
}
