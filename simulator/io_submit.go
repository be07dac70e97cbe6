package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
)

// submitMessage is submitMessageforUser, with the codice fiscale in the body or in the path. It never looks at the
// citizen's profile: that is what makes 201 mean "accepted", not "will be delivered".
func (s *Simulator) submitMessage(c echo.Context) error {
	message, check := checkSubmission(readBody(c))
	if check.failed() {
		return answerProblem(c, http.StatusBadRequest, "Invalid message structure", check.report())
	}

	if c.Param("fiscal_code") != "" {
		inPath, valid := fiscalCodeInPath(c)
		if !valid {
			return answerBadFiscalCodeInPath(c, inPath)
		}

		if message.fiscalCode != "" {
			return answerProblem(c, http.StatusBadRequest, "Bad parameters",
				"The fiscalcode parameter must be specified in the path or in the payload but not in both")
		}

		message.fiscalCode = inPath
	}

	if message.fiscalCode == "" {
		return answerProblem(c, http.StatusBadRequest, "Bad parameters",
			"The fiscalcode parameter must be specified in the path or in the payload")
	}

	if refusal := refusalOf(message, callerOf(c)); refusal != nil {
		return answerProblem(c, refusal.Status, refusal.Title, refusal.Detail)
	}

	return s.submitAsOutcomeSays(c, message)
}

// refusalOf applies what a service may do, in IO's order: permissions, remote content, recipient, payment.
func refusalOf(message submission, who caller) *ioProblem {
	if lacking := lackingPermission(message, who); lacking != "" {
		return &ioProblem{
			Status: http.StatusForbidden, Title: "You are not allowed here",
			Detail: "You do not have enough permissions to send " + lacking,
		}
	}

	if refusal := remoteContentRefusal(message, who); refusal != nil {
		return refusal
	}

	if !mayWriteTo(who, message.fiscalCode) {
		return &ioProblem{
			Status: http.StatusForbidden, Title: "Recipient forbidden",
			Detail: "You are not allowed to issue requests for the recipient.",
		}
	}

	if payment := message.content.PaymentData; payment != nil && payment.Amount > who.MaxPaymentCents {
		return &ioProblem{
			Status: http.StatusBadRequest, Title: "Error while sending payment metadata",
			Detail: fmt.Sprintf("The requested amount (%d cents) exceeds the maximum allowed for this service (%d cents)",
				payment.Amount, who.MaxPaymentCents),
		}
	}

	return nil
}

func lackingPermission(message submission, who caller) string {
	switch {
	case message.hasCovidCert:
		return "an EUCovidCert message"
	case message.hasPayee && !who.MayNamePayee:
		return "a payment message with payee"
	case message.featureLevel == featureAdvanced && !who.Premium:
		return "a Premium message"
	case message.content.ThirdPartyData != nil && !who.MaySendRemoteContent:
		return "a third party message"
	default:
		return ""
	}
}

func remoteContentRefusal(message submission, who caller) *ioProblem {
	remote := message.content.ThirdPartyData

	switch {
	case remote == nil:
		return nil
	case remote.ConfigurationID == "":
		return &ioProblem{
			Status: http.StatusForbidden, Title: "No configuration id for remote content",
			Detail: "You did not send any configuration id for your remote content in third_party_data",
		}
	case !slices.Contains(who.RemoteContentIDs, remote.ConfigurationID):
		return &ioProblem{
			Status: http.StatusNotFound, Title: "Remote Content Configuration NOT FOUND",
			Detail: "Cannot find any Remote Content Configuration with the given id",
		}
	case remote.HasAttachments && message.featureLevel != featureAdvanced:
		return &ioProblem{
			Status: http.StatusForbidden, Title: "Attachments call forbidden",
			Detail: "You are not allowed to send messages with attachments with STANDARD messages, please use ADVANCED",
		}
	default:
		return nil
	}
}

func (s *Simulator) submitAsOutcomeSays(c echo.Context, message submission) error {
	outcome := citizenOutcome(message.fiscalCode)

	switch outcome {
	case CitizenKeyRevoked:
		return answerUnauthorized(c)
	case CitizenForbidden:
		return answerRecipientForbidden(c)
	case CitizenServerError:
		return answerInternalError(c)
	case CitizenMessageRefused:
		return answerMessageRefused(c, message)
	case CitizenTimeoutNothingStored:
		return s.hang(c)
	case CitizenRateLimitedFirst:
		if s.refuse(endpointSubmit, message.fiscalCode) {
			return s.answerRateLimited(c, 1)
		}
	case CitizenResetFirst:
		if s.refuse(endpointSubmit, message.fiscalCode) {
			return errCut
		}
	default:
	}

	return s.acceptMessage(c, message, outcome)
}

func answerMessageRefused(c echo.Context, message submission) error {
	check := newPayloadCheck(shortReport)
	check.refuse(jsonText(message.content.Markdown), "root.content.markdown", "text that IO accepts from this sender")
	check.refuse(jsonText(message.fiscalCode), "root.fiscal_code", "recipient of such a text")

	return answerProblem(c, http.StatusBadRequest, "Invalid message structure", check.report())
}

func (s *Simulator) acceptMessage(c echo.Context, message submission, outcome CitizenOutcome) error {
	who := callerOf(c)
	answer := s.answerTo(outcome)

	if payment := message.content.PaymentData; payment != nil && payment.Payee == nil && who.OrganizationFiscalCode != "" {
		payment.Payee = &payee{FiscalCode: who.OrganizationFiscalCode}
	}

	now := time.Now()
	stored := ioMessage{
		id: newULID(now), fiscalCode: message.fiscalCode, sender: who, submission: message,
		acceptedAt: now, settledAt: now.Add(s.processingTime(outcome)), outcome: outcome, answer: answer,
	}

	if err := s.journal.commit(recordOfMessage(stored), func() { s.keepMessage(stored) }); err != nil {
		return answerInternalError(c) // nothing is stored
	}

	switch answer {
	case AnswerNone:
		return s.hang(c)
	case AnswerBadGateway:
		return answerBadGateway(c)
	case AnswerCreated, AnswerInternalError:
	}

	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/messages/"+message.fiscalCode+"/"+stored.id)

	return c.JSON(http.StatusCreated, map[string]string{"id": stored.id})
}

// answerTo says how much the sender hears of a message that is stored.
func (s *Simulator) answerTo(outcome CitizenOutcome) Answer {
	switch {
	case outcome == CitizenTimeoutAfterAccepting, s.strikes(faultIOTimeout):
		return AnswerNone
	case outcome == CitizenBadGatewayAfterAccepting:
		return AnswerBadGateway
	default:
		return AnswerCreated
	}
}

func (s *Simulator) processingTime(outcome CitizenOutcome) time.Duration {
	if outcome == CitizenSlow {
		return s.config.IOSlowProcessing
	}

	return s.chance.within(s.config.IOProcessing)
}
