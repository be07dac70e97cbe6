package frontend

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// leaveNotice makes the next page say the message under key; kind colours it.
func (f *Frontend) leaveNotice(c echo.Context, kind, key string) {
	f.sessions.Put(c.Request().Context(), sessionNotice, kind+" "+key)
}

func (f *Frontend) takeNotice(c echo.Context, p page) *notice {
	if p.Account == nil || isFragment(c) {
		return nil
	}

	kind, key, left := strings.Cut(f.sessions.PopString(c.Request().Context(), sessionNotice), " ")
	if !left {
		return nil
	}

	return &notice{Kind: kind, Text: p.T(key)}
}
