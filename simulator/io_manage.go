package simulator

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// ManagedService is a service of an Ente as IO's Manage API knows it.
type ManagedService struct {
	ID     string
	EnteID string
	Name   string
	// Lifecycle is draft, submitted, approved, rejected or deleted; empty: approved.
	Lifecycle string
	// Published tells whether citizens see it in the app; one that never was has no release.
	Published bool
	// MaxPaymentCents is the payment ceiling.
	MaxPaymentCents int64

	OrganizationName       string
	OrganizationFiscalCode string // 11 digits

	// PrimaryKey and SecondaryKey open the endpoints of messages.
	PrimaryKey, SecondaryKey string
}

const approved = "approved"

// The bounds of IO's list (io-services-cms, getServices).
const (
	usualServices = 20
	mostServices  = 100
)

// RegisterManageKey makes a key to the Manage API known to IO: it lists the services of the Ente.
func (s *Simulator) RegisterManageKey(key, enteID string) {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()

	s.manageKeys[key] = enteID
}

// RegisterService makes a service known to the Manage API, or changes it. Its keys are registered, too, unless they are.
func (s *Simulator) RegisterService(service ManagedService) {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()

	if service.Lifecycle == "" {
		service.Lifecycle = approved
	}

	for i, known := range s.services {
		if known.ID == service.ID {
			s.services[i] = service

			return
		}
	}

	s.services = append(s.services, service)

	for _, key := range []string{service.PrimaryKey, service.SecondaryKey} {
		if _, registered := s.keys[key]; key != "" && !registered {
			s.keys[key] = IOKey{
				EnteID: service.EnteID, ServiceID: service.ID, OrganizationFiscalCode: service.OrganizationFiscalCode,
				MaxPaymentCents: service.MaxPaymentCents,
			}
		}
	}
}

// asManageAPI lets only manage keys in: to a service's key IO answers 403. No unknown key is a manage key, whatever else
// may stand for a service of its own.
func (s *Simulator) asManageAPI(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch who := callerOf(c); {
		case who.manages:
			return next(c)
		case who.registered:
			return answerNotAllowed(c, "You do not have enough permission to complete the operation you requested")
		default:
			return answerUnauthorized(c)
		}
	}
}

// asMessageAPI keeps manage keys out: they are no service's.
func asMessageAPI(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if callerOf(c).manages {
			return answerNotAllowed(c, "You do not have enough permission to complete the operation you requested")
		}

		return next(c)
	}
}

// serviceLifecycle is IO's ServiceLifecycle.
type serviceLifecycle struct {
	ID                      string              `json:"id"`
	Status                  serviceStatus       `json:"status"`
	LastUpdate              string              `json:"last_update"`
	Version                 int                 `json:"version"`
	Name                    string              `json:"name"`
	Description             string              `json:"description"`
	Organization            serviceOrganization `json:"organization"`
	RequireSecureChannel    bool                `json:"require_secure_channel"`
	AuthorizedRecipients    []string            `json:"authorized_recipients"`
	AuthorizedCIDRs         []string            `json:"authorized_cidrs"`
	MaxAllowedPaymentAmount int64               `json:"max_allowed_payment_amount"`
	Metadata                serviceMetadata     `json:"metadata"`
}

type serviceStatus struct {
	Value string `json:"value"`
}

type serviceOrganization struct {
	Name       string `json:"name"`
	FiscalCode string `json:"fiscal_code"`
}

type serviceMetadata struct {
	Scope      string `json:"scope"`
	PrivacyURL string `json:"privacy_url"`
}

type servicePagination struct {
	Value      []serviceLifecycle `json:"value"`
	Pagination pagination         `json:"pagination"`
}

// pagination counts what this answer holds, as IO does, not what there is.
type pagination struct {
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
	Count  int `json:"count"`
}

// listServices is IO's getServices.
func (s *Simulator) listServices(c echo.Context) error {
	limit, valid := numberInQuery(c, "limit", usualServices, 1, mostServices)
	if !valid {
		return answerProblem(c, http.StatusBadRequest, "Invalid limit", "value is not a number between 1 and 100")
	}

	offset, valid := numberInQuery(c, "offset", 0, 0, -1)
	if !valid {
		return answerProblem(c, http.StatusBadRequest, "Invalid offset", "value is not a non-negative number")
	}

	own := s.servicesOf(callerOf(c).EnteID)
	own = own[min(offset, len(own)):]
	own = own[:min(limit, len(own))]

	listed := servicePagination{Value: []serviceLifecycle{}, Pagination: pagination{Offset: offset, Limit: limit, Count: len(own)}}
	for _, service := range own {
		listed.Value = append(listed.Value, service.lifecycle())
	}

	return c.JSON(http.StatusOK, listed)
}

// numberInQuery gives the parameter, or what it usually is; a highest below the lowest is none.
func numberInQuery(c echo.Context, name string, usual, lowest, highest int) (int, bool) {
	text := c.QueryParam(name)
	if text == "" {
		return usual, true
	}

	number, err := strconv.Atoi(text)

	return number, err == nil && number >= lowest && (number <= highest || highest < lowest)
}

func (s *Simulator) servicesOf(enteID string) []ManagedService {
	s.keysMu.RLock()
	defer s.keysMu.RUnlock()

	var own []ManagedService

	for _, service := range s.services {
		if service.EnteID == enteID {
			own = append(own, service)
		}
	}

	return own
}

func (m ManagedService) lifecycle() serviceLifecycle {
	return serviceLifecycle{
		ID: m.ID, Status: serviceStatus{Value: m.Lifecycle}, LastUpdate: time.Now().UTC().Format(time.RFC3339), Version: 1,
		Name: m.Name, Description: m.Name, Organization: serviceOrganization{Name: m.OrganizationName, FiscalCode: m.OrganizationFiscalCode},
		AuthorizedRecipients: []string{"AAAAAA00A00A000A"}, AuthorizedCIDRs: []string{}, MaxAllowedPaymentAmount: m.MaxPaymentCents,
		Metadata: serviceMetadata{Scope: "LOCAL", PrivacyURL: "https://www.ente.example/privacy"},
	}
}

func (s *Simulator) ownService(c echo.Context) (ManagedService, bool) {
	for _, service := range s.servicesOf(callerOf(c).EnteID) {
		if service.ID == c.Param("service") {
			return service, true
		}
	}

	return ManagedService{}, false
}

func answerNoService(c echo.Context) error {
	return answerProblem(c, http.StatusNotFound, "Not found", "no item with the requested id found")
}

// getServiceKeys is IO's getServiceKeys.
func (s *Simulator) getServiceKeys(c echo.Context) error {
	service, found := s.ownService(c)
	if !found {
		return answerNoService(c)
	}

	return c.JSON(http.StatusOK, map[string]string{"primary_key": service.PrimaryKey, "secondary_key": service.SecondaryKey})
}

// getServiceRelease is IO's getPublishedService.
func (s *Simulator) getServiceRelease(c echo.Context) error {
	service, found := s.ownService(c)
	if !found || !service.Published {
		return answerNoService(c)
	}

	return c.JSON(http.StatusOK, struct {
		serviceLifecycle

		Status string `json:"status"`
	}{service.lifecycle(), "published"})
}
