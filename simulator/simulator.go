package simulator

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// maxBodyBytes bounds what is read of any request.
const maxBodyBytes = 1 << 20

// Simulator holds the state of the stand-ins. It is safe for concurrent use.
type Simulator struct {
	config Config
	echo   *echo.Echo
	chance *chance
	quota  *quotaLimiter

	keysMu     sync.RWMutex
	keys       map[string]IOKey
	manageKeys map[string]string // the Ente of each
	services   []ManagedService

	faultsMu sync.RWMutex
	faults   Faults

	journal   *journal
	ledger    *ledger
	refusals  *refusals
	ioInbox   *ioInbox
	smsOutbox *smsOutbox
	callbacks *callbackSender
	webhooks  *webhookReceiver
	oidc      *oidcProvider

	// closing ends whatever waits or sends.
	closing context.Context //nolint:containedctx // the simulator's own life, not a call's
	close   context.CancelFunc
}

// New makes a simulator, which its caller ends with [Simulator.Close]. A share of faults below 0 never strikes, one
// above 1 always does. Its state is in memory alone: only [Open] heeds [Config.Journal].
func New(config Config) *Simulator {
	closing, closeAll := context.WithCancel(context.Background())
	simulator := &Simulator{
		config: config, echo: echo.New(), chance: newChance(config.Seed), quota: newQuotaLimiter(config.IOQuota, time.Now),
		keys: make(map[string]IOKey, len(config.Keys)), manageKeys: map[string]string{}, faults: config.Faults,
		journal: &journal{}, ledger: newLedger(config.maxEntries()),
		refusals: newRefusals(config.Refusals, config.maxEntries()),
		ioInbox:  newIOInbox(config.maxEntries()), smsOutbox: newSMSOutbox(config.maxEntries()),
		webhooks: newWebhookReceiver(), oidc: newOIDCProvider(config.maxEntries()), closing: closing, close: closeAll,
	}
	simulator.callbacks = newCallbackSender(closing, config.Twilio.CallbackRetryAfter, simulator.ledger, simulator.journal)

	maps.Copy(simulator.keys, config.Keys)

	for key, enteID := range config.ManageKeys {
		simulator.RegisterManageKey(key, enteID)
	}

	for _, service := range config.Services {
		simulator.RegisterService(service)
	}

	simulator.echo.HTTPErrorHandler = simulator.answerError
	simulator.mountRoutes()

	return simulator
}

// Handler serves all stand-ins and the control routes.
func (s *Simulator) Handler() http.Handler { return s.echo }

// RegisterKey makes a subscription key known to IO, or changes what it stands for.
func (s *Simulator) RegisterKey(key string, service IOKey) {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()

	s.keys[key] = service
}

// RevokeKey makes IO answer 401 to a key that was registered.
func (s *Simulator) RevokeKey(key string) {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()

	delete(s.keys, key)
}

// Close cuts the calls that are waiting, drops the callbacks to come and waits for those under way. Where a journal is
// kept, the callbacks to come are left to the next [Open], and messages that still arrive are refused.
func (s *Simulator) Close() {
	s.close()
	s.callbacks.wait()
	s.journal.close()
}

func (s *Simulator) mountRoutes() {
	io := s.echo.Group("/io/api/v1", s.countCalls, s.asAPIM, asMessageAPI)
	io.POST("/profiles", s.postProfile)
	io.GET("/profiles/:fiscal_code", s.getProfile)
	io.POST("/messages", s.submitMessage)
	io.POST("/messages/:fiscal_code", s.submitMessage)
	io.GET("/messages/:fiscal_code/:id", s.getMessage)

	manage := s.echo.Group("/io/api/v1/manage", s.countCalls, s.asAPIM, s.asManageAPI)
	manage.GET("/services", s.listServices)
	manage.GET("/services/:service/keys", s.getServiceKeys)
	manage.GET("/services/:service/release", s.getServiceRelease)

	twilio := s.echo.Group("/twilio/2010-04-01/Accounts/:account", s.countCalls, s.asTwilio)
	twilio.POST("/Messages.json", s.createSMS)
	twilio.GET("/Messages.json", s.listSMS)
	twilio.GET("/Messages/:sid", s.fetchSMS)

	s.mountOIDC()

	s.echo.Any("/webhooks/:behaviour", s.receiveWebhook)
	s.echo.GET("/webhooks", s.listWebhooks)

	s.echo.GET("/ledger", s.getLedger)
	s.echo.GET("/ledger/summary", s.getSummary)
	s.echo.POST("/ledger/reset", s.resetLedger)
	s.echo.GET("/faults", s.getFaults)
	s.echo.PUT("/faults", s.putFaults)
	s.echo.GET("/healthz", func(c echo.Context) error {
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	})
}

// countCalls writes each call and its answer into the ledger's counters.
func (s *Simulator) countCalls(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)

		status := strconv.Itoa(c.Response().Status)
		if httpError := (*echo.HTTPError)(nil); errors.As(err, &httpError) {
			status = strconv.Itoa(httpError.Code)
		}

		if errors.Is(err, errCut) {
			status = "cut"
		}

		s.count(tally{Kind: tallyCall, Name: c.Request().Method + " " + c.Path(), Status: status})

		return err
	}
}
