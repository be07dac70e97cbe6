package batch

import (
	"cmp"
	"slices"
)

// KnownColumns is the layout of a file that nobody has looked at yet: all that is known of it is what an application
// says that its columns hold, by their headers.
func KnownColumns(columns map[string]Field) Layout {
	var layout Layout

	for header, field := range columns {
		layout.Columns = append(layout.Columns, Column{Header: header, Field: field})
	}

	slices.SortFunc(layout.Columns, func(a, b Column) int { return cmp.Compare(a.Header, b.Header) })

	return layout
}

// Known is what was given to KnownColumns; nil for the layout of a file that was looked at.
func (l Layout) Known() map[string]Field {
	if l.Format != "" || len(l.Columns) == 0 {
		return nil
	}

	known := make(map[string]Field, len(l.Columns))
	for _, column := range l.Columns {
		known[column.Header] = column.Field
	}

	return known
}
