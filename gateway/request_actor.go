package gateway

import "context"

// RequestActor is where whoever authenticates an HTTP request notes who asks, for whoever logs the request around
// it: a context carries things inwards only. It says who it was and gives no rights. One request writes and reads it,
// one after the other; it is not safe for concurrent use.
type RequestActor struct {
	actor Actor
}

type requestActorKey struct{}

// WithRequestActor gives the context of a request in which its actor can be noted, and where to read it afterwards.
func WithRequestActor(ctx context.Context) (context.Context, *RequestActor) {
	noted := &RequestActor{}

	return context.WithValue(ctx, requestActorKey{}, noted), noted
}

// NoteRequestActor tells who asks. Where nobody wants to know, it does nothing.
func NoteRequestActor(ctx context.Context, actor Actor) {
	if noted, wanted := ctx.Value(requestActorKey{}).(*RequestActor); wanted {
		noted.actor = actor
	}
}

// Actor is who was noted last; the zero Actor where nobody was.
func (r *RequestActor) Actor() Actor { return r.actor }
