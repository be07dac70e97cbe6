package simulator

import "encoding/json"

// featureAdvanced marks a message of IO's Premium contract.
const featureAdvanced = "ADVANCED"

// submission is a valid NewMessage with IO's defaults filled in; what IO does not know is dropped silently.
type submission struct {
	fiscalCode   string // empty where the body names none
	timeToLive   int64
	featureLevel string
	content      messageContent
	hasPayee     bool
	hasCovidCert bool
}

// messageContent is a message's content as IO stores and shows it.
type messageContent struct {
	Subject              string          `json:"subject"`
	Markdown             string          `json:"markdown"`
	RequireSecureChannel *bool           `json:"require_secure_channels,omitempty"`
	DueDate              string          `json:"due_date,omitempty"`
	PaymentData          *paymentData    `json:"payment_data,omitempty"`
	ThirdPartyData       *thirdPartyData `json:"third_party_data,omitempty"`
}

type paymentData struct {
	Amount              int64  `json:"amount"` // cents
	NoticeNumber        string `json:"notice_number"`
	InvalidAfterDueDate bool   `json:"invalid_after_due_date"`
	Payee               *payee `json:"payee,omitempty"`
}

type payee struct {
	FiscalCode string `json:"fiscal_code"`
}

type thirdPartyData struct {
	ID                  string `json:"id"`
	ConfigurationID     string `json:"configuration_id,omitempty"`
	HasAttachments      bool   `json:"has_attachments"`
	HasRemoteContent    bool   `json:"has_remote_content"`
	HasPrecondition     string `json:"has_precondition,omitempty"`
	OriginalSender      string `json:"original_sender,omitempty"`
	OriginalReceiptDate string `json:"original_receipt_date,omitempty"`
	Summary             string `json:"summary,omitempty"`
}

// checkSubmission applies IO's payload codec to a body. The order of the report is the codec's.
func checkSubmission(body json.RawMessage) (submission, *payloadCheck) {
	check := newPayloadCheck(shortReport)

	fields, isObject := check.object(body, "root", "Exact<NewMessage>")
	if !isObject {
		return submission{}, check
	}

	var message submission

	message.checkContent(check, fields["content"])
	message.timeToLive = max(minTimeToLive, check.integer(fields, "root", "time_to_live", nullDefault, minTimeToLive, maxTimeToLive))
	checkDefaultAddresses(check, fields)
	message.fiscalCode = check.text(fields, "root", "fiscal_code", optional, fiscalCodeRule())

	message.featureLevel = check.text(fields, "root", "feature_level_type", nullDefault,
		enumRule("FeatureLevelType", "STANDARD", featureAdvanced))
	if message.featureLevel == "" {
		message.featureLevel = "STANDARD"
	}

	return message, check
}

func (m *submission) checkContent(check *payloadCheck, raw json.RawMessage) {
	const path = "root.content"

	fields, isObject := check.object(raw, path, "Exact<MessageContentBase>", "Exact<MessageContent2>")
	if !isObject {
		return
	}

	m.content.Subject = check.text(fields, path, "subject", required, lengthRule(minSubject, maxSubject))
	m.content.Markdown = check.text(fields, path, "markdown", required, lengthRule(minMarkdown, maxMarkdown))
	m.content.RequireSecureChannel = check.boolean(fields, path, "require_secure_channels", optional)
	m.checkPaymentData(check, fields)
	m.checkCovidCert(check, fields)
	m.checkThirdPartyData(check, fields)
	m.content.DueDate = check.date(fields, path, "due_date", optional)
}

func (m *submission) checkPaymentData(check *payloadCheck, content jsonFields) {
	const path = "root.content.payment_data"

	if content.absent("payment_data", optional) {
		return
	}

	fields, isObject := check.object(content["payment_data"], path, "Exact<PaymentDataBase>", "Exact<PaymentData2>")
	if !isObject {
		return
	}

	payment := &paymentData{
		Amount:       check.integer(fields, path, "amount", required, minAmount, maxAmount),
		NoticeNumber: check.text(fields, path, "notice_number", required, noticeNumberRule()),
	}
	if invalid := check.boolean(fields, path, "invalid_after_due_date", nullDefault); invalid != nil {
		payment.InvalidAfterDueDate = *invalid
	}

	if !fields.absent("payee", optional) {
		if payeeFields, isObject := check.object(fields["payee"], path+".payee", "Exact<Payee>"); isObject {
			payment.Payee = &payee{FiscalCode: check.text(payeeFields, path+".payee", "fiscal_code", required, organizationRule())}
			m.hasPayee = true
		}
	}

	m.content.PaymentData = payment
}

func (m *submission) checkCovidCert(check *payloadCheck, content jsonFields) {
	const path = "root.content.eu_covid_cert"

	if content.absent("eu_covid_cert", optional) {
		return
	}

	if fields, isObject := check.object(content["eu_covid_cert"], path, "Exact<EUCovidCert>"); isObject {
		check.text(fields, path, "auth_code", required, anyTextRule())

		m.hasCovidCert = true
	}
}

func (m *submission) checkThirdPartyData(check *payloadCheck, content jsonFields) {
	const path = "root.content.third_party_data"

	if content.absent("third_party_data", optional) {
		return
	}

	fields, isObject := check.object(content["third_party_data"], path, "Exact<ThirdPartyData>")
	if !isObject {
		return
	}

	hasAttachments := check.boolean(fields, path, "has_attachments", nullDefault)
	hasRemoteContent := check.boolean(fields, path, "has_remote_content", nullDefault)
	m.content.ThirdPartyData = &thirdPartyData{
		ID:                  check.text(fields, path, "id", required, nonEmptyRule()),
		OriginalSender:      check.text(fields, path, "original_sender", optional, nonEmptyRule()),
		OriginalReceiptDate: check.date(fields, path, "original_receipt_date", optional),
		HasAttachments:      hasAttachments != nil && *hasAttachments,
		HasRemoteContent:    hasRemoteContent != nil && *hasRemoteContent,
		HasPrecondition:     check.text(fields, path, "has_precondition", optional, enumRule("HasPrecondition", "ALWAYS", "ONCE", "NEVER")),
		Summary:             check.text(fields, path, "summary", optional, nonEmptyRule()),
		ConfigurationID:     check.text(fields, path, "configuration_id", optional, configurationRule()),
	}
}

// checkDefaultAddresses validates what IO validates and then ignores.
func checkDefaultAddresses(check *payloadCheck, fields jsonFields) {
	const path = "root.default_addresses"

	if fields.absent("default_addresses", optional) {
		return
	}

	if addresses, isObject := check.object(fields["default_addresses"], path, "Exact<NewMessageDefaultAddresses>"); isObject {
		check.text(addresses, path, "email", optional, emailRule())
	}
}
