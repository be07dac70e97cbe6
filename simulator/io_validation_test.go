package simulator_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

const person = "RSSMRA80A01H501U"

// with gives a valid message, changed: keys are dotted paths, a nil value is null, remove takes a field away.
func with(changes object) object {
	message := messageTo(person)

	for path, value := range changes {
		fields := strings.Split(path, ".")
		at := message

		for _, field := range fields[:len(fields)-1] {
			inner, known := at[field].(object)
			if !known {
				inner = object{}
				at[field] = inner
			}

			at = inner
		}

		if value == remove {
			delete(at, fields[len(fields)-1])
		} else {
			at[fields[len(fields)-1]] = value
		}
	}

	return message
}

const remove = "\x00remove"

func payment(changes object) object {
	data := object{"amount": 1, "notice_number": strings.Repeat("0", 18)}
	maps.Copy(data, changes)

	return object{"content.payment_data": data}
}

// TestSubmitAccepts holds the verdicts of PagoPA's published codec (io-functions-commons 32.1.0).
func TestSubmitAccepts(t *testing.T) {
	t.Parallel()

	cases := map[string]object{
		"plain":                             {},
		"unknown field at the top":          {"colour": "red"},
		"unknown field in content":          {"content.colour": "red"},
		"subject of 10":                     {"content.subject": strings.Repeat("x", 10)},
		"subject of 120":                    {"content.subject": strings.Repeat("x", 120)},
		"subject of ten spaces":             {"content.subject": strings.Repeat(" ", 10)},
		"subject of 5 emoji":                {"content.subject": strings.Repeat("😀", 5)},
		"subject of 60 emoji":               {"content.subject": strings.Repeat("😀", 60)},
		"markdown of 80":                    {"content.markdown": strings.Repeat("x", 80)},
		"markdown of 10000":                 {"content.markdown": strings.Repeat("x", 10_000)},
		"time to live of 3600":              {"time_to_live": 3600},
		"time to live of 604800":            {"time_to_live": 604_800},
		"time to live null":                 {"time_to_live": nil},
		"due date in UTC":                   {"content.due_date": "2026-10-31T22:59:59.000Z"},
		"due date without milliseconds":     {"content.due_date": "2026-10-31T22:59:59Z"},
		"due date with offset":              {"content.due_date": "2026-10-31T22:59:59+02:00"},
		"due date without zone":             {"content.due_date": "2026-10-31T22:59:59"},
		"due date with nanoseconds":         {"content.due_date": "2026-10-31T22:59:59.123456789Z"},
		"due date past the month's end":     {"content.due_date": "2026-02-31T10:00:00Z"},
		"due date at 24:00:00":              {"content.due_date": "2026-10-31T24:00:00Z"},
		"amount 1":                          payment(nil),
		"amount at the limit":               payment(object{"amount": 9_999_999_999}),
		"amount as 1.0":                     payment(object{"amount": 1.0}),
		"invalid_after_due_date null":       payment(object{"invalid_after_due_date": nil}),
		"omocodia":                          {"fiscal_code": "RSSMRA80A01H50MM"},
		"wrong check character":             {"fiscal_code": "SPNDNL80R13C555X"},
		"sandbox codice fiscale":            {"fiscal_code": "AAAAAA00A00A000A"},
		"feature level null":                {"feature_level_type": nil},
		"feature level STANDARD":            {"feature_level_type": "STANDARD"},
		"default address":                   {"default_addresses": object{"email": "a@example.it"}},
		"default addresses without address": {"default_addresses": object{}},
		"require_secure_channels":           {"content.require_secure_channels": true},
	}
	sim := newBench(t, nil)

	for name, changes := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			created := sim.io(http.MethodPost, "/messages", keyOfRome, with(changes))
			require.Equal(t, http.StatusCreated, created.status, created.body)

			var body struct{ ID string }

			created.json(t, &body)
			require.Regexp(t, `^[0-7][0-9A-HJKMNP-TV-Z]{25}$`, body.ID)
			require.Regexp(t, `^/api/v1/messages/[A-Z0-9]{16}/`+body.ID+`$`, created.header.Get("Location"))
		})
	}
}

// TestSubmitRefuses holds the other verdicts. Each wanted text is measured on the codec; the value must be echoed.
func TestSubmitRefuses(t *testing.T) {
	t.Parallel()

	const (
		ttlText    = " at root.time_to_live is not a valid [integer >= 3600 and < 604800]"
		amountText = " at root.content.payment_data.amount is not a valid [integer >= 1 and < 9999999999]"
		dateText   = " at root.content.due_date is not a valid [UtcOnlyIsoDateFromString]"
		thirdParty = " at root.content.third_party_data."
		cfText     = ` at root.fiscal_code is not a valid [string that matches the pattern "^[A-Z]{6}`
	)

	cases := map[string]struct {
		changes object
		detail  string
	}{
		"subject of 9": {
			object{"content.subject": "123456789"},
			`value "123456789" at root.content.subject is not a valid [string of length >= 10 and < 121]`,
		},
		"subject of 121": {object{"content.subject": strings.Repeat("x", 121)}, strings.Repeat("x", 121)},
		"61 emoji":       {object{"content.subject": strings.Repeat("😀", 61)}, strings.Repeat("😀", 61)},
		"no subject":     {object{"content.subject": remove}, "value undefined at root.content.subject"},
		"subject null":   {object{"content.subject": nil}, "value null at root.content.subject"},
		"markdown of 79": {
			object{"content.markdown": strings.Repeat("x", 79)},
			"at root.content.markdown is not a valid [string of length >= 80 and < 10001]",
		},
		"markdown 10001": {object{"content.markdown": strings.Repeat("x", 10_001)}, strings.Repeat("x", 10_001)},
		"markdown <b>":   {object{"content.markdown": "<b>&</b>"}, `value "<b>&</b>" at root.content.markdown`},
		"ttl 3599": {
			object{"time_to_live": 3599},
			"value 3599" + ttlText + "\nvalue 3599 at root.time_to_live is not a valid [604800]",
		},
		"ttl 604801":      {object{"time_to_live": 604_801}, "value 604801" + ttlText},
		"ttl text":        {object{"time_to_live": "3600"}, `value "3600"` + ttlText},
		"ttl fraction":    {object{"time_to_live": 3600.5}, "value 3600.5" + ttlText},
		"date only":       {object{"content.due_date": "2026-10-31"}, `value "2026-10-31"` + dateText},
		"date null":       {object{"content.due_date": nil}, "value null" + dateText},
		"date number":     {object{"content.due_date": 5}, "value 5" + dateText},
		"amount 0":        {payment(object{"amount": 0}), "value 0" + amountText},
		"amount too big":  {payment(object{"amount": 10_000_000_000}), "value 10000000000" + amountText},
		"amount fraction": {payment(object{"amount": 1.5}), "value 1.5" + amountText},
		"amount text":     {payment(object{"amount": "1"}), `value "1"` + amountText},
		"notice of 17": {
			payment(object{"notice_number": strings.Repeat("0", 17)}),
			`notice_number is not a valid [string that matches the pattern "^[0123][0-9]{17}$"]`,
		},
		"notice from 4": {payment(object{"notice_number": "4" + strings.Repeat("0", 17)}), `value "400000000000000000"`},
		"payee": {
			payment(object{"payee": object{"fiscal_code": "123"}}),
			`value "123" at root.content.payment_data.payee.fiscal_code`,
		},
		"payee null": {
			payment(object{"payee": nil}),
			"value null at root.content.payment_data.payee is not a valid [Exact<Payee>]",
		},
		"invalid text": {payment(object{"invalid_after_due_date": "true"}), "invalid_after_due_date is not a valid [boolean]"},
		"payment null": {
			object{"content.payment_data": nil},
			"value null at root.content.payment_data is not a valid [Exact<PaymentDataBase>]",
		},
		"payment empty":  {object{"content.payment_data": object{}}, "value undefined at root.content.payment_data.notice_number"},
		"lower case":     {object{"fiscal_code": "rssmra80a01h501u"}, `value "rssmra80a01h501u"` + cfText},
		"provisional":    {object{"fiscal_code": "61492729001"}, `value "61492729001"` + cfText},
		"trailing break": {object{"fiscal_code": person + "\n"}, `value "` + person + `\n"` + cfText},
		"null code":      {object{"fiscal_code": nil}, "value null" + cfText},
		"level": {
			object{"feature_level_type": "PREMIUM"},
			`value "PREMIUM" at root.feature_level_type is not a valid [FeatureLevelType]`,
		},
		"email": {
			object{"default_addresses": object{"email": "x"}},
			"is not a valid [string that represents an email address]",
		},
		"addresses null": {object{"default_addresses": nil}, "value null at root.default_addresses"},
		"secure null": {
			object{"content.require_secure_channels": nil},
			"value null at root.content.require_secure_channels is not a valid [boolean]",
		},
		"no content":   {object{"content": remove}, "value undefined at root.content is not a valid [Exact<MessageContentBase>]"},
		"content null": {object{"content": nil}, "value null at root.content is not a valid [Exact<MessageContent2>]"},
		"precondition": {
			object{"content.third_party_data": object{"id": "a", "has_precondition": "NONE"}},
			`value "NONE"` + thirdParty + "has_precondition is not a valid [HasPrecondition]",
		},
		"precond. true": {
			object{"content.third_party_data": object{"id": "a", "has_precondition": true}},
			"value true" + thirdParty + "has_precondition",
		},
		"configuration": {
			object{"content.third_party_data": object{"id": "a", "configuration_id": "abcdef0123456789"}},
			thirdParty + "configuration_id",
		},
		"empty id": {
			object{"content.third_party_data": object{"id": ""}},
			`value ""` + thirdParty + "id is not a valid [non empty string]",
		},
		"receipt date": {
			object{"content.third_party_data": object{"id": "a", "original_receipt_date": "2026-10-31"}},
			thirdParty + "original_receipt_date",
		},
		"third party nul": {object{"content.third_party_data": nil}, "is not a valid [Exact<ThirdPartyData>]"},
		"covid cert": {
			object{"content.eu_covid_cert": object{}},
			"value undefined at root.content.eu_covid_cert.auth_code is not a valid [string]",
		},
	}
	sim := newBench(t, nil)

	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			refused := sim.io(http.MethodPost, "/messages", keyOfRome, with(test.changes))
			requireProblem(t, refused, http.StatusBadRequest, "Invalid message structure", test.detail)
		})
	}

	require.Empty(t, sim.Ledger())
}

func TestSubmitReportsEveryRefusalInTheCodecsOrder(t *testing.T) {
	t.Parallel()

	refused := newBench(t, nil).io(http.MethodPost, "/messages", keyOfRome,
		`{"time_to_live":1,"content":{"subject":"a","markdown":"b"}}`)
	requireProblem(t, refused, http.StatusBadRequest, "Invalid message structure",
		`value "a" at root.content.subject is not a valid [string of length >= 10 and < 121]
value "b" at root.content.markdown is not a valid [string of length >= 80 and < 10001]
value 1 at root.time_to_live is not a valid [integer >= 3600 and < 604800]
value 1 at root.time_to_live is not a valid [604800]`)
}

func TestSubmitOfWhatIsNoObject(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	for body, echo := range map[string]string{"": "undefined", "{": "undefined", "null": "null", "[ 1 ]": "[1]", `"x"`: `"x"`} {
		refused := sim.io(http.MethodPost, "/messages", keyOfRome, body)
		requireProblem(t, refused, http.StatusBadRequest, "Invalid message structure",
			"value "+echo+" at root is not a valid [Exact<NewMessage>]")
	}
}

func TestFiscalCodeInBodyOrPath(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	without := with(object{"fiscal_code": remove})

	require.Equal(t, http.StatusCreated, sim.io(http.MethodPost, "/messages/"+person, keyOfRome, without).status)
	requireProblem(t, sim.io(http.MethodPost, "/messages", keyOfRome, without), http.StatusBadRequest, "Bad parameters", "")
	requireProblem(t, sim.io(http.MethodPost, "/messages/"+person, keyOfRome, with(nil)),
		http.StatusBadRequest, "Bad parameters", "not in both")

	inPath := sim.io(http.MethodPost, "/messages/abc", keyOfRome, without)
	requireProblem(t, inPath, http.StatusBadRequest, "", `value ["abc"] at [root] is not a valid [string that matches`)
	requireProblem(t, sim.io(http.MethodGet, "/messages/a%20b/X", keyOfRome, nil), http.StatusBadRequest, "", `value ["a b"]`)
	requireProblem(t, sim.io(http.MethodGet, "/profiles/abc", keyOfRome, nil), http.StatusBadRequest, "", `value ["abc"]`)
}

func TestProfileRefusesBadBody(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	for body, echo := range map[string]string{
		`{"fiscal_code":"x"}`: `value ["x"] at [root.fiscal_code]`,
		`{}`:                  "value [undefined] at [root.fiscal_code]",
		"null":                "value [null] at [root]",
	} {
		requireProblem(t, sim.io(http.MethodPost, "/profiles", keyOfRome, body), http.StatusBadRequest, "", echo)
	}
}

func TestPermissionsAndCeilings(t *testing.T) {
	t.Parallel()

	const configuration = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

	const notAllowed = "You are not allowed here"

	premium := simulator.IOKey{
		EnteID: "ente-p", ServiceID: "service-p", Premium: true, MaySendRemoteContent: true, MayNamePayee: true,
		RemoteContentIDs: []string{configuration}, MaxPaymentCents: 100,
	}
	remote := func(changes object) object {
		data := object{"id": "a", "configuration_id": configuration}
		maps.Copy(data, changes)

		return object{"content.third_party_data": data}
	}
	withPayee := payment(object{"payee": object{"fiscal_code": "12345678901"}})
	sim := newBench(t, func(config *simulator.Config) {
		config.Keys["premium"] = premium
		config.Keys["limited"] = simulator.IOKey{EnteID: "ente-l", ServiceID: "service-l", AuthorizedRecipients: []string{person}}
	})

	cases := map[string]struct {
		key     string
		changes object
		status  int
		title   string
	}{
		"plain third party": {keyOfRome, remote(nil), http.StatusForbidden, notAllowed},
		"third party":       {"premium", remote(nil), http.StatusCreated, ""},
		"no configuration": {
			"premium", remote(object{"configuration_id": "01ARZ3NDEKTSV4RRFFQ69G5FAW"}),
			http.StatusNotFound, "Remote Content Configuration NOT FOUND",
		},
		"attachments": {
			"premium", remote(object{"has_attachments": true}),
			http.StatusForbidden, "Attachments call forbidden",
		},
		"configuration missing": {
			"premium",
			object{"content.third_party_data": object{"id": "a"}},
			http.StatusForbidden, "No configuration id for remote content",
		},
		"plain ADVANCED":   {keyOfRome, object{"feature_level_type": "ADVANCED"}, http.StatusForbidden, notAllowed},
		"premium ADVANCED": {"premium", object{"feature_level_type": "ADVANCED"}, http.StatusCreated, ""},
		"plain payee":      {keyOfRome, withPayee, http.StatusForbidden, notAllowed},
		"payee":            {"premium", withPayee, http.StatusCreated, ""},
		"EU covid certificate": {
			"premium",
			object{"content.eu_covid_cert": object{"auth_code": "x"}},
			http.StatusForbidden, notAllowed,
		},
		"payment at the ceiling": {"premium", payment(object{"amount": 100}), http.StatusCreated, ""},
		"payment above it": {
			"premium", payment(object{"amount": 101}),
			http.StatusBadRequest, "Error while sending payment metadata",
		},
		"payment of a draft":  {keyOfMilan, payment(nil), http.StatusBadRequest, "Error while sending payment metadata"},
		"limited, authorized": {"limited", nil, http.StatusCreated, ""},
		"limited, other":      {"limited", object{"fiscal_code": "RSSMRA80A01H50MM"}, http.StatusForbidden, "Recipient forbidden"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := sim.io(http.MethodPost, "/messages", test.key, with(test.changes))
			if test.status == http.StatusCreated {
				require.Equal(t, test.status, got.status, got.body)
			} else {
				requireProblem(t, got, test.status, test.title, "")
			}
		})
	}
}

// requireProblem checks a problem; an empty title or detail is not looked at.
func requireProblem(t *testing.T, got answer, status int, title, detail string) {
	t.Helper()
	require.Equal(t, status, got.status, got.body)
	require.Contains(t, got.header.Get("Content-Type"), "application/problem+json")

	var problem struct {
		Title  string
		Status int
		Detail string
	}

	got.json(t, &problem)
	require.Equal(t, status, problem.Status)
	require.Contains(t, problem.Detail, detail)

	if title != "" {
		require.Equal(t, title, problem.Title)
	}
}
