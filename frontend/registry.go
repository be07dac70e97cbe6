package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	entiPath     = "/enti"
	servicesPath = "/services"
)

// RegistryGateway is what the pages of Enti and services ask of the use cases.
type RegistryGateway interface {
	Ente(ctx context.Context, actor gateway.Actor, id string) (gateway.EnteView, error)
	AdmitEnte(ctx context.Context, actor gateway.Actor, data gateway.EnteData, fiscalCode string) (notification.Ente, error)
	DescribeEnte(ctx context.Context, actor gateway.Actor, id string, seen int, data gateway.EnteData) error
	MoveEnte(ctx context.Context, actor gateway.Actor, id string, seen int, move gateway.EnteMove) error
	SetIOQuota(ctx context.Context, actor gateway.Actor, enteID string, calls int) error

	Service(ctx context.Context, actor gateway.Actor, id string) (gateway.ServiceView, error)
	CreateService(
		ctx context.Context, actor gateway.Actor, service notification.Service, keys notification.ServiceKeys,
	) (notification.Service, error)
	DescribeService(ctx context.Context, actor gateway.Actor, id string, seen int, data gateway.ServiceData) error
	SetServicePolicy(ctx context.Context, actor gateway.Actor, id string, seen int, policy notification.Policy) error
	SwitchService(ctx context.Context, actor gateway.Actor, id string, active bool) error
	ReplaceServiceKey(ctx context.Context, actor gateway.Actor, id string, slot notification.KeySlot, seen int, key string) error
	UseServiceKey(ctx context.Context, actor gateway.Actor, id string, slot notification.KeySlot) error
	TestServiceKey(ctx context.Context, actor gateway.Actor, id string, slot notification.KeySlot) (notification.KeyOutcome, error)
}

func (f *Frontend) mountRegistry(r *routes) {
	ente, service := entiPath+"/:id", servicesPath+"/:id"

	r.get(settingsPath, gateway.PermissionRead, f.settings)

	r.get(entiPath, gateway.PermissionRead, f.enteList)
	r.post(entiPath, gateway.PermissionGovern, f.admitEnte)
	r.get(entiPath+"/new", gateway.PermissionGovern, f.newEnte)
	r.get(ente, gateway.PermissionRead, f.ente)
	r.get(ente+"/edit", gateway.PermissionConfigure, f.editEnte)
	r.post(ente+"/edit", gateway.PermissionConfigure, f.describeEnte)
	r.get(ente+"/quota", gateway.PermissionGovern, f.editQuota)
	r.post(ente+"/quota", gateway.PermissionGovern, f.setQuota)
	r.get(ente+"/move/:state", gateway.PermissionGovern, f.confirmEnteMove)
	r.post(ente+"/move/:state", gateway.PermissionGovern, f.moveEnte)
	r.nothingElse(entiPath)

	r.get(servicesPath, gateway.PermissionRead, f.serviceList)
	r.post(servicesPath, gateway.PermissionConfigure, f.createService)
	r.get(servicesPath+"/new", gateway.PermissionConfigure, f.newService)
	r.get(service, gateway.PermissionRead, f.service)
	r.get(service+"/edit", gateway.PermissionConfigure, f.editService)
	r.post(service+"/edit", gateway.PermissionConfigure, f.describeService)
	r.get(service+"/policy", gateway.PermissionConfigure, f.editPolicy)
	r.post(service+"/policy", gateway.PermissionConfigure, f.setPolicy)
	r.get(service+"/switch", gateway.PermissionConfigure, f.confirmSwitch)
	r.post(service+"/switch", gateway.PermissionConfigure, f.switchService)
	r.get(service+"/keys/:slot", gateway.PermissionConfigure, f.editKey)
	r.post(service+"/keys/:slot", gateway.PermissionConfigure, f.replaceKey)
	r.post(service+"/keys/:slot/use", gateway.PermissionConfigure, f.useKey)
	r.post(service+"/keys/:slot/test", gateway.PermissionConfigure, f.testKey)
	r.nothingElse(servicesPath)
}

// deed is what a form asks for, and what follows.
type deed struct {
	// act carries it out and gives the address to go on to.
	act func(ctx context.Context, author gateway.Actor) (string, error)
	// already is where a form leads that has acted before: a double click acts once.
	already string
	notice  string // a message's key
	// told is the notice where it depends on what came of the act: its tone and its key; nil: notice says it.
	told func() (tone, key string)
	// again shows the form as it was sent: with what is wrong, or with what somebody else changed meanwhile.
	again func(status int, invalid notification.FieldErrors) error
}

func (f *Frontend) carryOut(c echo.Context, wanted deed) error {
	once := c.FormValue("once")
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	author := actor(c)
	if !f.done.use(author.ID, once) {
		return redirect(c, wanted.already)
	}

	next, err := wanted.act(c.Request().Context(), author)
	if err == nil {
		tone, key := toneSuccess, wanted.notice
		if wanted.told != nil {
			tone, key = wanted.told()
		}

		f.leaveNotice(c, tone, key)

		return redirect(c, next)
	}

	f.done.release(author.ID, once)

	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return wanted.again(http.StatusUnprocessableEntity, invalid)
	}

	if errors.Is(err, gateway.ErrState) {
		return wanted.again(http.StatusConflict, nil)
	}

	return fmt.Errorf("carrying out what a form asks: %w", err)
}
