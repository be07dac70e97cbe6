package frontend

import (
	"net/url"
	"slices"
)

// The parameters of a place in a list of several pages.
const (
	paramCursor = "cursor"
	paramBack   = "back"
)

// pagesBack bounds the way back to earlier pages, and so the length of the address.
const pagesBack = 20

// trail is a place in a list of several pages, and the way back to its beginning.
type trail struct {
	Cursor string
	Back   []string // the cursors of the pages before this one; the first page's is empty
}

func readTrail(values url.Values) trail {
	back := values[paramBack]

	return trail{Cursor: values.Get(paramCursor), Back: back[max(0, len(back)-pagesBack):]}
}

// write puts the place into an address.
func (t trail) write(values url.Values) {
	if t.Cursor != "" {
		values.Set(paramCursor, t.Cursor)
	}

	if len(t.Back) > 0 {
		values[paramBack] = t.Back
	}
}

func (t trail) next(cursor string) trail {
	back := append(slices.Clone(t.Back), t.Cursor)

	return trail{Cursor: cursor, Back: back[max(0, len(back)-pagesBack):]}
}

func (t trail) previous() trail {
	if len(t.Back) == 0 {
		return trail{}
	}

	last := len(t.Back) - 1

	return trail{Cursor: t.Back[last], Back: slices.Clone(t.Back[:last])}
}

// addressWith is the path with the values, where there are any.
func addressWith(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}

	return path + "?" + values.Encode()
}
