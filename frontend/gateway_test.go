package frontend_test

import (
	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
	"github.com/genio-gateway/genio/gateway"
)

// The use cases and their stand-in both fit the pages.
var (
	_ frontend.Gateway = (*gateway.Gateway)(nil)
	_ frontend.Gateway = (*frontendtest.Gateway)(nil)
)
