package gateway

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// ServiceData is what a service is, beside its policy and its keys.
type ServiceData struct {
	Name            string
	IOServiceID     string
	SMSSender       string
	MaxPaymentCents int64
}

// ServiceView is a service with what may be known of its keys, and what the reader may do about it.
type ServiceView struct {
	notification.Service

	EnteName   string
	EnteActive bool
	Keys       []KeyView // the primary one first
	// MayConfigure allows it to be changed.
	MayConfigure bool
}

// KeyView is what may be known of a key of IO: never the key.
type KeyView struct {
	notification.KeyState

	Present bool
	InUse   bool
}

// Service shows one service.
func (g *Gateway) Service(ctx context.Context, actor Actor, id string) (ServiceView, error) {
	service, err := g.Store.Service(ctx, id)
	if err != nil {
		return ServiceView{}, storeError("reading the service", err)
	}

	if !actor.SeesService(service.EnteID, service.ID) {
		return ServiceView{}, ErrNotFound
	}

	ente, err := g.Store.Ente(ctx, service.EnteID)
	if err != nil {
		return ServiceView{}, storeError("reading the Ente", err)
	}

	keys, err := g.keyViews(ctx, service)
	if err != nil {
		return ServiceView{}, err
	}

	return ServiceView{
		Service: service, EnteName: ente.Name, EnteActive: ente.Active, Keys: keys, MayConfigure: actor.mayConfigure(service.EnteID),
	}, nil
}

// configurable is a service that the actor may change.
func (g *Gateway) configurable(ctx context.Context, actor Actor, id string) (ServiceView, error) {
	view, err := g.Service(ctx, actor, id)
	if err == nil && !view.MayConfigure {
		err = ErrForbidden
	}

	return view, err
}

// CreateService adds a service that is published on IO.
func (g *Gateway) CreateService(
	ctx context.Context, actor Actor, service notification.Service, keys notification.ServiceKeys,
) (notification.Service, error) {
	if !actor.mayConfigure(service.EnteID) {
		return service, ErrForbidden
	}

	data := dataOf(service)
	fields := checkServiceData(&data)

	if strings.TrimSpace(keys.Primary) == "" {
		fields = append(fields, fault(slotField(notification.KeyPrimary), "required",
			"IO's primary key is needed", "serve la chiave primaria di IO"))
	} else {
		fields = append(fields, checkIOKey(notification.KeyPrimary, &keys.Primary)...)
	}

	if keys.Secondary != "" {
		fields = append(fields, checkIOKey(notification.KeySecondary, &keys.Secondary)...)
	}

	fields = append(fields, notification.CheckPolicy(service.Policy)...)
	if err := fields.OrNil(); err != nil {
		return service, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return service, fmt.Errorf("making an id: %w", err)
	}

	service = data.on(service)
	service.ID, service.Active, service.CreatedAt, service.Version = id.String(), true, time.Now().UTC(), 1

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return serviceAct("create", service), store.CreateService(ctx, service, keys)
	})

	return service, settledError("storing the service", err)
}

// DescribeService changes what a service is. Seen is the version that the author saw: it returns ErrState where somebody
// else changed the service meanwhile.
func (g *Gateway) DescribeService(ctx context.Context, actor Actor, id string, seen int, data ServiceData) error {
	view, err := g.configurable(ctx, actor, id)
	if err != nil {
		return err
	}

	if err := checkServiceData(&data).OrNil(); err != nil {
		return err
	}

	changed := changes{}
	changed.note("name", data.Name != view.Name)
	changed.note("io_service_id", data.IOServiceID != view.IOServiceID)
	changed.note("sms_sender", data.SMSSender != view.SMSSender)
	changed.note("max_payment_cents", data.MaxPaymentCents != view.MaxPaymentCents)

	return g.storeService(ctx, actor, data.on(view.Service), seen, serviceAct("update", view.Service, "fields", changed.String()))
}

// SetServicePolicy changes how a service's notifications travel from now on; those that were accepted keep their own copy.
func (g *Gateway) SetServicePolicy(ctx context.Context, actor Actor, id string, seen int, policy notification.Policy) error {
	view, err := g.configurable(ctx, actor, id)
	if err != nil {
		return err
	}

	if err := notification.CheckPolicy(policy).OrNil(); err != nil {
		return err
	}

	sms := notification.ChannelSMS
	before := view.Policy

	changed := changes{}
	changed.note("fallback", policy.FallsBackTo(sms) != before.FallsBackTo(sms))
	changed.note("io_deadline", policy.IODeadline != before.IODeadline)
	changed.note("sms_deadline", policy.SMSDeadline != before.SMSDeadline)
	changed.note("on_uncertain", policy.OnUncertain != before.OnUncertain)
	changed.note("quiet", policy.Quiet != before.Quiet)

	service := view.Service
	service.Policy = policy

	return g.storeService(ctx, actor, service, seen, serviceAct("update", service, "fields", changed.String()))
}

// SwitchService lets a service send, or not. One that may not is refused to applications, and pauses its batches.
func (g *Gateway) SwitchService(ctx context.Context, actor Actor, id string, active bool) error {
	view, err := g.configurable(ctx, actor, id)
	if err != nil {
		return err
	}

	if view.Active == active {
		return nil
	}

	verb := "deactivate"
	if active {
		verb = "activate"
	}

	service := view.Service
	service.Active = active

	return g.storeService(ctx, actor, service, view.Version, serviceAct(verb, service))
}

func (g *Gateway) storeService(ctx context.Context, actor Actor, service notification.Service, seen int, act Act) error {
	service.Version = seen

	err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return act, store.UpdateService(ctx, service)
	})

	return settledError("storing the service", err)
}

// serviceAct is what the audit log says of an act on a service; the detail alternates names and values.
func serviceAct(verb string, service notification.Service, detail ...string) Act {
	return Act{
		Name: "service." + verb, EnteID: service.EnteID, Object: "service", ObjectID: service.ID, Detail: detailOf(detail),
	}
}

func dataOf(service notification.Service) ServiceData {
	return ServiceData{
		Name: service.Name, IOServiceID: service.IOServiceID, SMSSender: service.SMSSender, MaxPaymentCents: service.MaxPaymentCents,
	}
}

// on is the service with these data.
func (d ServiceData) on(service notification.Service) notification.Service {
	service.Name, service.IOServiceID, service.SMSSender = d.Name, d.IOServiceID, d.SMSSender
	service.MaxPaymentCents = d.MaxPaymentCents

	return service
}

// wellFormedServiceID: ULIDs today, something shorter for old services.
var wellFormedServiceID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

func checkServiceData(data *ServiceData) notification.FieldErrors {
	var fields notification.FieldErrors

	data.Name, data.IOServiceID = strings.TrimSpace(data.Name), strings.TrimSpace(data.IOServiceID)
	data.SMSSender = strings.TrimSpace(data.SMSSender)

	add := func(field, code, message, messaggio string) {
		fields = append(fields, notification.FieldError{Field: field, Code: code, Message: message, Messaggio: messaggio})
	}

	if data.Name == "" {
		add("name", "required", "a service needs a name", "serve il nome del servizio")
	}

	fields = append(fields, checkText("name", data.Name, longestName, false)...)

	if data.IOServiceID != "" && !wellFormedServiceID.MatchString(data.IOServiceID) {
		add("io_service_id", "invalid",
			"letters, digits, - and _ only, as IO shows it", "solo lettere, cifre, - e _, come lo mostra IO")
	}

	if problem := notification.CheckSMSSender("sms_sender", data.SMSSender); problem != nil {
		fields = append(fields, *problem)
	}

	if data.MaxPaymentCents < 0 || data.MaxPaymentCents > notification.MaxPaymentCents {
		most := strconv.Itoa(notification.MaxPaymentCents)
		add("max_payment_cents", "range", "from 0 to "+most+" cents, as on IO", "da 0 a 99.999.999,99 €, come su IO")
	}

	return fields
}
