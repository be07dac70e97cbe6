package simulator

import (
	"net/url"
	"time"
)

// journalRecord is one line of the journal: what happened, or after a rewriting what had happened until then.
type journalRecord struct {
	Message *messageRecord `json:"message,omitempty"`
	SMS     *smsRecord     `json:"sms,omitempty"`
	// CalledBack is the SID of an SMS whose next callback was made, or given up.
	CalledBack string         `json:"called_back,omitempty"`
	Refused    *refusalRecord `json:"refused,omitempty"`
	Count      *tally         `json:"count,omitempty"`
	// Counters replace those before.
	Counters *Counters `json:"counters,omitempty"`
}

// acceptedAt is zero for what is no message.
func (r journalRecord) acceptedAt() time.Time {
	switch {
	case r.Message != nil:
		return r.Message.AcceptedAt
	case r.SMS != nil:
		return r.SMS.CreatedAt
	default:
		return time.Time{}
	}
}

// messageRecord is a message that IO accepted.
type messageRecord struct {
	ID           string         `json:"id"`
	FiscalCode   string         `json:"fiscal_code"`
	Key          string         `json:"key"`
	EnteID       string         `json:"ente_id"`
	ServiceID    string         `json:"service_id"`
	TimeToLive   int64          `json:"time_to_live"`
	FeatureLevel string         `json:"feature_level"`
	Content      messageContent `json:"content"`
	AcceptedAt   time.Time      `json:"accepted_at"`
	SettledAt    time.Time      `json:"settled_at"`
	Answer       Answer         `json:"answer"`
}

func recordOfMessage(message ioMessage) journalRecord {
	return journalRecord{Message: &messageRecord{
		ID: message.id, FiscalCode: message.fiscalCode,
		Key: message.sender.key, EnteID: message.sender.EnteID, ServiceID: message.sender.ServiceID,
		TimeToLive: message.submission.timeToLive, FeatureLevel: message.submission.featureLevel,
		Content: message.submission.content, AcceptedAt: message.acceptedAt, SettledAt: message.settledAt, Answer: message.answer,
	}}
}

func (r messageRecord) message() ioMessage {
	return ioMessage{
		id: r.ID, fiscalCode: r.FiscalCode, sender: caller{IOKey: IOKey{EnteID: r.EnteID, ServiceID: r.ServiceID}, key: r.Key},
		submission: submission{
			fiscalCode: r.FiscalCode, timeToLive: r.TimeToLive, featureLevel: r.FeatureLevel, content: r.Content,
		},
		acceptedAt: r.AcceptedAt, settledAt: r.SettledAt, outcome: citizenOutcome(r.FiscalCode), answer: r.Answer,
	}
}

// smsRecord is an SMS that Twilio accepted, with the callbacks that are to be made.
type smsRecord struct {
	SID              string           `json:"sid"`
	Account          string           `json:"account"`
	To               string           `json:"to"`
	From             string           `json:"from,omitempty"`
	MessagingService string           `json:"messaging_service,omitempty"`
	Body             string           `json:"body"`
	CreatedAt        time.Time        `json:"created_at"`
	Steps            []stepRecord     `json:"steps"`
	Answer           Answer           `json:"answer"`
	Callbacks        []callbackRecord `json:"callbacks,omitempty"`
}

type stepRecord struct {
	Status    string    `json:"status"`
	At        time.Time `json:"at"`
	ErrorCode int       `json:"error_code,omitempty"`
}

// callbackRecord holds the signature instead of the auth token that made it.
type callbackRecord struct {
	URL       string     `json:"url"`
	At        time.Time  `json:"at"`
	Form      url.Values `json:"form"`
	Signature string     `json:"signature"`
	Token     string     `json:"token"`
}

func recordOfSMS(message sms, toCallBack []callback) journalRecord {
	record := &smsRecord{
		SID: message.sid, Account: message.account, To: message.form.to, From: message.form.from,
		MessagingService: message.form.messagingService, Body: message.form.body, CreatedAt: message.createdAt, Answer: message.answer,
	}

	for _, step := range message.steps {
		record.Steps = append(record.Steps, stepRecord{Status: step.status, At: step.at, ErrorCode: step.errorCode})
	}

	for _, callback := range toCallBack {
		record.Callbacks = append(record.Callbacks, callbackRecord{
			URL: callback.url, At: callback.at, Form: callback.form, Signature: callback.signature, Token: callback.token,
		})
	}

	return journalRecord{SMS: record}
}

// message is without the URL of its callbacks, which have their own.
func (r smsRecord) message() sms {
	message := sms{
		sid: r.SID, account: r.Account, createdAt: r.CreatedAt, outcome: phoneOutcome(r.To), answer: r.Answer,
		form: smsForm{to: r.To, from: r.From, messagingService: r.MessagingService, body: r.Body},
	}

	for _, step := range r.Steps {
		message.steps = append(message.steps, smsStep{status: step.Status, at: step.At, errorCode: step.ErrorCode})
	}

	return message
}

func (r smsRecord) callbacks() []callback {
	script := make([]callback, 0, len(r.Callbacks))
	for _, record := range r.Callbacks {
		script = append(script, callback{
			sid: r.SID, url: record.URL, at: record.At, form: record.Form, signature: record.Signature, token: record.Token,
		})
	}

	return script
}

// refusalRecord is how many more calls with an endpoint and a recipient an outcome "at first … then fine" refused.
type refusalRecord struct {
	Call  string `json:"call"`
	Times int    `json:"times"`
}
