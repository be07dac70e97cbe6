package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// ErrFaultShare says that a share of calls is not between 0 and 1.
var ErrFaultShare = errors.New("a fault share must be between 0 and 1")

// Faults are shares of calls, 0 to 1, that go wrong whoever the recipient is.
type Faults struct {
	// IO429 and IO500 refuse any call to IO before it is processed.
	IO429 float64 `json:"io_429"`
	IO500 float64 `json:"io_500"`
	// IOReset cuts the connection before the call is processed.
	IOReset float64 `json:"io_reset"`
	// IOTimeoutAfterAccepting stores the message and never answers.
	IOTimeoutAfterAccepting float64 `json:"io_timeout_after_accepting"`

	// Twilio429 and Twilio500 refuse any call to Twilio before it is processed.
	Twilio429 float64 `json:"twilio_429"`
	Twilio500 float64 `json:"twilio_500"`
	// TwilioTimeoutAfterAccepting stores and sends the SMS and never answers.
	TwilioTimeoutAfterAccepting float64 `json:"twilio_timeout_after_accepting"`

	// CallbackDuplicate and CallbackReorder are shares of SMS whose callbacks come twice, or the last one first.
	CallbackDuplicate float64 `json:"callback_duplicate"`
	CallbackReorder   float64 `json:"callback_reorder"`
}

// fault is the name of one of [Faults].
type fault string

const (
	faultIO429             fault = "io_429"
	faultIO500             fault = "io_500"
	faultIOReset           fault = "io_reset"
	faultIOTimeout         fault = "io_timeout_after_accepting"
	faultTwilio429         fault = "twilio_429"
	faultTwilio500         fault = "twilio_500"
	faultTwilioTimeout     fault = "twilio_timeout_after_accepting"
	faultCallbackDuplicate fault = "callback_duplicate"
	faultCallbackReorder   fault = "callback_reorder"
)

func (f Faults) shares() map[fault]float64 {
	return map[fault]float64{
		faultIO429: f.IO429, faultIO500: f.IO500, faultIOReset: f.IOReset, faultIOTimeout: f.IOTimeoutAfterAccepting,
		faultTwilio429: f.Twilio429, faultTwilio500: f.Twilio500, faultTwilioTimeout: f.TwilioTimeoutAfterAccepting,
		faultCallbackDuplicate: f.CallbackDuplicate, faultCallbackReorder: f.CallbackReorder,
	}
}

// strikes draws whether a fault strikes now, and counts it where it does.
func (s *Simulator) strikes(name fault) bool {
	if !s.chance.happens(s.Faults().shares()[name]) {
		return false
	}

	s.count(tally{Kind: tallyFault, Name: string(name)})

	return true
}

func (f Faults) validate() error {
	for name, share := range f.shares() {
		if share < 0 || share > 1 {
			return fmt.Errorf("%s: %w", name, ErrFaultShare)
		}
	}

	return nil
}

// Faults are the shares in force.
func (s *Simulator) Faults() Faults {
	s.faultsMu.RLock()
	defer s.faultsMu.RUnlock()

	return s.faults
}

// SetFaults replaces the shares for the calls to come. It fails with [ErrFaultShare].
func (s *Simulator) SetFaults(faults Faults) error {
	if err := faults.validate(); err != nil {
		return fmt.Errorf("setting fault shares: %w", err)
	}

	s.faultsMu.Lock()
	defer s.faultsMu.Unlock()

	s.faults = faults

	return nil
}

func (s *Simulator) getFaults(c echo.Context) error { return c.JSON(http.StatusOK, s.Faults()) }

// putFaults changes the shares that the body names and leaves the others.
func (s *Simulator) putFaults(c echo.Context) error {
	faults := s.Faults()

	decoder := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, maxBodyBytes))
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&faults); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, "not an object of fault shares: "+err.Error())
	}

	if err := s.SetFaults(faults); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, err.Error())
	}

	return c.JSON(http.StatusOK, faults)
}
