package outbound

import (
	"net"
	"net/http"
)

// ClientWith is a client that asks a resolver of the test's.
func (g *Guard) ClientWith(bounds Bounds, resolver *net.Resolver) *http.Client {
	client := g.Client(bounds)
	client.Transport = g.transport(bounds.Bytes, resolver)

	return client
}
