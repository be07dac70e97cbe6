package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

const twilioAPIVersion = "2010-04-01"

// smsResource is Twilio's Message resource. Numbers are strings there, and dates are in RFC 2822.
type smsResource struct {
	AccountSID          string            `json:"account_sid"`
	APIVersion          string            `json:"api_version"`
	Body                string            `json:"body"`
	DateCreated         string            `json:"date_created"`
	DateSent            *string           `json:"date_sent"`
	DateUpdated         string            `json:"date_updated"`
	Direction           string            `json:"direction"`
	ErrorCode           *int              `json:"error_code"`
	ErrorMessage        *string           `json:"error_message"`
	From                *string           `json:"from"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	NumMedia            string            `json:"num_media"`
	NumSegments         string            `json:"num_segments"`
	Price               *string           `json:"price"`
	PriceUnit           string            `json:"price_unit"`
	SID                 string            `json:"sid"`
	Status              string            `json:"status"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
	To                  string            `json:"to"`
	URI                 string            `json:"uri"`
}

func (m sms) resource(now time.Time) smsResource {
	step := m.step(now)
	uri := fmt.Sprintf("/%s/Accounts/%s/Messages/%s", twilioAPIVersion, m.account, m.sid)
	resource := smsResource{
		AccountSID: m.account, APIVersion: twilioAPIVersion, Body: m.form.body, Direction: "outbound-api",
		DateCreated: twilioDate(m.createdAt), DateUpdated: twilioDate(step.at),
		From: orNull(m.form.from), MessagingServiceSID: orNull(m.form.messagingService), To: m.form.to,
		NumMedia: "0", NumSegments: strconv.Itoa(smsSegments(m.form.body)), PriceUnit: "USD",
		SID: m.sid, Status: step.status, URI: uri + ".json", SubresourceURIs: map[string]string{"media": uri + "/Media.json"},
	}

	if step.status == smsAccepted {
		resource.NumSegments = "0" // no sender is assigned yet
	}

	if sentAt := m.sentAt(now); !sentAt.IsZero() {
		resource.DateSent = orNull(twilioDate(sentAt))
	}

	if step.errorCode != 0 {
		resource.ErrorCode, resource.ErrorMessage = &step.errorCode, orNull(errorText(step.errorCode))
	}

	return resource
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}

	return &text
}

func twilioDate(moment time.Time) string { return moment.UTC().Format(time.RFC1123Z) }

// gsm7 and gsm7Extension are GSM 03.38's default alphabet, without its control characters, and the characters that
// cost two.
const (
	gsm7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
		"abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Extension = "^{}\\[~]|€"
)

// smsSegments counts the parts that a text is sent in: 160 or 153 units of GSM-7, 70 or 67 of UCS-2.
func smsSegments(text string) int {
	const singleGSM, partGSM, singleUCS, partUCS = 160, 153, 70, 67

	units := 0

	for _, character := range text {
		switch {
		case strings.ContainsRune(gsm7, character):
			units++
		case strings.ContainsRune(gsm7Extension, character):
			units += 2
		default:
			return parts(len(utf16.Encode([]rune(text))), singleUCS, partUCS)
		}
	}

	return parts(units, singleGSM, partGSM)
}

func parts(units, single, part int) int {
	if units <= single {
		return 1
	}

	return (units + part - 1) / part
}
