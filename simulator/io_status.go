package simulator

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
)

// messageStatus is IO's ExternalMessageResponseWithContent.
type messageStatus struct {
	Message externalMessage `json:"message"`
	Status  string          `json:"status"`
	// ReadStatus and PaymentStatus are for Premium messages only.
	ReadStatus    string `json:"read_status,omitempty"`
	PaymentStatus string `json:"payment_status,omitempty"`
}

type externalMessage struct {
	ID               string          `json:"id"`
	FiscalCode       string          `json:"fiscal_code"`
	TimeToLive       int64           `json:"time_to_live"`
	CreatedAt        string          `json:"created_at"`
	Content          *messageContent `json:"content,omitempty"`
	SenderServiceID  string          `json:"sender_service_id"`
	FeatureLevelType string          `json:"feature_level_type"`
}

// getMessage is IO's getMessage: only the service that sent a message may read it.
func (s *Simulator) getMessage(c echo.Context) error {
	fiscalCode, valid := fiscalCodeInPath(c)
	if !valid {
		return answerBadFiscalCodeInPath(c, fiscalCode)
	}

	outcome := citizenOutcome(fiscalCode)
	if outcome == CitizenKeyRevoked {
		return answerUnauthorized(c)
	}

	if outcome == CitizenStatusErrorFirst && s.refuse(endpointStatus, fiscalCode) {
		return answerInternalError(c)
	}

	id, err := url.PathUnescape(c.Param("id"))

	message, found := s.ioInbox.get(id)
	if err != nil || !found || message.fiscalCode != fiscalCode {
		return answerProblem(c, http.StatusNotFound, "Message not found", "The message that you requested was not found in the system.")
	}

	if message.sender.ServiceID != callerOf(c).ServiceID {
		s.count(tally{Kind: tallyForeignRead})

		return answerNotAllowed(c, "You are not allowed to read this message, you can only read messages that you have sent")
	}

	return c.JSON(http.StatusOK, message.shownTo(callerOf(c), time.Now()))
}

func (m ioMessage) shownTo(reader caller, now time.Time) messageStatus {
	shown := messageStatus{
		Status: m.status(now),
		Message: externalMessage{
			ID: m.id, FiscalCode: m.fiscalCode, TimeToLive: m.submission.timeToLive, CreatedAt: ioTimestamp(m.acceptedAt),
			SenderServiceID: m.sender.ServiceID, FeatureLevelType: m.submission.featureLevel,
		},
	}

	if shown.Status != statusProcessed {
		return shown // IO stores the content while processing, so there is none before
	}

	shown.Message.Content = &m.submission.content

	if m.submission.featureLevel == featureAdvanced && reader.Premium {
		shown.ReadStatus = "UNREAD"

		if m.submission.content.PaymentData != nil {
			shown.PaymentStatus = "NOT_PAID"
		}
	}

	return shown
}
