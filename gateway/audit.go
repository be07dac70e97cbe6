package gateway

import (
	"cmp"
	"context"
	"strconv"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// Names of details that several acts have.
const (
	detailWhy           = "why"
	detailNotifications = "notifications"
)

// Act is what the audit log says of something that somebody did.
type Act struct {
	// Name is the kind of act, OBJECT.VERB, such as "service.update".
	Name string
	// EnteID is whose the object is; empty: nobody's in particular, and the log says the Ente that the actor works for.
	EnteID string
	// Object is the kind of thing, such as "service", and ObjectID which one.
	Object   string
	ObjectID string
	// Detail has what else matters, such as a reason. Nothing of a citizen, no secret.
	Detail map[string]string
}

func (act Act) entry(actor Actor) db.AuditEntry {
	kind := string(actor.Kind)
	if kind == "" {
		kind = "nobody"
	}

	return db.AuditEntry{
		ActorKind: kind, ActorID: actor.ID, ActorName: actor.Name, Address: actor.Address,
		EnteID: cmp.Or(act.EnteID, actor.EnteID), Action: act.Name, ObjectKind: act.Object, ObjectID: act.ObjectID, Detail: act.Detail,
	}
}

// audit notes an act, before something is done that no transaction can undo, such as a signal: an act that cannot be noted
// is not carried out. What changes only the database is for [Gateway.audited].
func (g *Gateway) audit(ctx context.Context, actor Actor, act Act) error {
	return storeError("noting the act", g.Store.Audit(ctx, act.entry(actor)))
}

// audited changes the database and notes it, both or neither. The change says what was done, since it may know only then,
// and its error comes back as it is.
func (g *Gateway) audited(ctx context.Context, actor Actor, change func(store *db.Store) (Act, error)) error {
	defer g.register.forget()

	return g.Store.Together(ctx, func(store *db.Store) error { //nolint:wrapcheck // the change has wrapped its error
		act, err := change(store)
		if err != nil {
			return err
		}

		return storeError("noting the act", store.Audit(ctx, act.entry(actor)))
	})
}

// auditNotification notes what somebody asked to be done with a notification. GeNIO itself acts only on behalf of somebody
// whose act is noted already, such as the cancellation of a batch, and an intervention is noted as a whole.
func (g *Gateway) auditNotification(
	ctx context.Context, actor Actor, verb string, head notification.Notification, detail ...string,
) error {
	if actor.Kind == ActorSystem || actor.intervention != "" {
		return nil
	}

	act := Act{Name: "notification." + verb, EnteID: head.EnteID, Object: "notification", ObjectID: head.ID, Detail: map[string]string{}}
	for i := 0; i+1 < len(detail); i += 2 {
		act.Detail[detail[i]] = detail[i+1]
	}

	return g.audit(ctx, actor, act)
}

// batchAct is what the log says of an act on a batch; the detail is of names and values in turn.
func batchAct(verb string, b notification.Batch, detail ...string) Act {
	act := Act{Name: "batch." + verb, EnteID: b.EnteID, Object: "batch", ObjectID: b.ID, Detail: map[string]string{}}
	for i := 0; i+1 < len(detail); i += 2 {
		act.Detail[detail[i]] = detail[i+1]
	}

	return act
}

func templateAct(verb string, template notification.Template) Act {
	return Act{
		Name: "template." + verb, EnteID: template.EnteID, Object: "template", ObjectID: template.ID,
		Detail: map[string]string{"version": strconv.Itoa(template.Version)},
	}
}
