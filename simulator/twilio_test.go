package simulator_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func phone(outcome simulator.PhoneOutcome) string { return simulator.Phone(outcome, 7) }

// twilioMessage is what the tests look at of Twilio's Message resource.
type twilioMessage struct {
	SID          string  `json:"sid"`
	AccountSID   string  `json:"account_sid"`
	Status       string  `json:"status"`
	To           string  `json:"to"`
	From         *string `json:"from"`
	Body         string  `json:"body"`
	NumSegments  string  `json:"num_segments"`
	DateCreated  string  `json:"date_created"`
	DateSent     *string `json:"date_sent"`
	ErrorCode    *int    `json:"error_code"`
	ErrorMessage *string `json:"error_message"`
	URI          string  `json:"uri"`
}

func (b bench) sent(to string, more ...string) twilioMessage {
	b.t.Helper()

	created := b.sms(to, more...)
	require.Equal(b.t, http.StatusCreated, created.status, created.body)

	var message twilioMessage

	created.json(b.t, &message)

	return message
}

func (b bench) fetched(sid string) twilioMessage {
	b.t.Helper()

	read := b.twilio(http.MethodGet, "/Messages/"+sid+".json", nil)
	require.Equal(b.t, http.StatusOK, read.status, read.body)

	var message twilioMessage

	read.json(b.t, &message)

	return message
}

func TestCreateSMS(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) { config.Twilio.SentAfter = time.Hour })
	message := sim.sent(phone(simulator.PhoneDelivered))

	require.Regexp(t, `^SM[0-9a-f]{32}$`, message.SID)
	require.Equal(t, "queued", message.Status)
	require.Equal(t, account, message.AccountSID)
	require.Equal(t, "ComuneProva", *message.From)
	require.Equal(t, "1", message.NumSegments)
	require.Nil(t, message.DateSent)
	require.Equal(t, "/2010-04-01/Accounts/"+account+"/Messages/"+message.SID+".json", message.URI)

	_, err := time.Parse(time.RFC1123Z, message.DateCreated)
	require.NoError(t, err)

	viaService := sim.sent(phone(simulator.PhoneDelivered), "From", "", "MessagingServiceSid", "MG1")
	require.Equal(t, "accepted", viaService.Status)
	require.Equal(t, "0", viaService.NumSegments)
	require.Nil(t, viaService.From)
}

func TestLastStatusByOutcome(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	for outcome, want := range map[simulator.PhoneOutcome]struct {
		status string
		code   int
	}{
		simulator.PhoneDelivered: {"delivered", 0}, simulator.PhoneUnreachable: {"undelivered", 30003},
		simulator.PhoneUnknown: {"undelivered", 30005}, simulator.PhoneLandline: {"undelivered", 30006},
		simulator.PhoneFiltered: {"failed", 30007}, simulator.PhoneUnconfirmed: {"sent", 0},
		simulator.PhoneNoCallback: {"delivered", 0}, simulator.PhoneCallbacksReordered: {"delivered", 0},
		simulator.PhoneCallbacksDuplicated: {"delivered", 0}, simulator.PhoneUnknownError: {"undelivered", 30008},
		simulator.PhoneExpired: {"undelivered", 30036},
	} {
		message := sim.fetched(sim.sent(phone(outcome)).SID)
		require.Equal(t, want.status, message.Status, outcome)

		if want.code == 0 {
			require.Nil(t, message.ErrorCode)
			require.NotNil(t, message.DateSent)
		} else {
			require.Equal(t, want.code, *message.ErrorCode)
			require.NotEmpty(t, *message.ErrorMessage)
		}
	}

	require.Equal(t, "delivered", sim.fetched(sim.sent("+393331234567").SID).Status, "any other number")
}

func TestStatusesFollowTheCadence(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) {
		config.Twilio.SentAfter, config.Twilio.SettledAfter = 40*time.Millisecond, time.Hour
	})
	sid := sim.sent(phone(simulator.PhoneUnreachable)).SID

	require.Eventually(t, func() bool { return sim.fetched(sid).Status == "sent" }, patience, glance)
	require.Nil(t, sim.fetched(sid).ErrorCode)
}

func TestRefusedSMS(t *testing.T) {
	t.Parallel()

	const good = "+393331234567"

	sim := newBench(t, nil)
	cases := map[string]struct {
		to   string
		more []string
		code int
	}{
		"no To":               {"", nil, 21604},
		"no From":             {good, []string{"From", ""}, 21603},
		"no Body":             {good, []string{"Body", ""}, 21602},
		"1601 characters":     {good, []string{"Body", strings.Repeat("è", 1601)}, 21617},
		"validity 0":          {good, []string{"ValidityPeriod", "0"}, 21624},
		"validity 36001":      {good, []string{"ValidityPeriod", "36001"}, 21624},
		"validity text":       {good, []string{"ValidityPeriod", "x"}, 21624},
		"callback elsewhere":  {good, []string{"StatusCallback", "https://example.com/callback"}, 21609},
		"callback address":    {good, []string{"StatusCallback", "http://192.0.2.1/callback"}, 21609},
		"callback scheme":     {good, []string{"StatusCallback", "ftp://localhost/callback"}, 21609},
		"national number":     {"3331234567", nil, 21211},
		"alias of 12":         {good, []string{"From", "ABCDEFGHIJKL"}, 21212},
		"alias of digits":     {good, []string{"From", "12"}, 21212},
		"landline":            {"+390612345678", nil, 21614},
		"magic invalid":       {phone(simulator.PhoneInvalid), nil, 21211},
		"magic opted out":     {phone(simulator.PhoneOptedOut), nil, 21610},
		"magic not mobile":    {phone(simulator.PhoneNotMobile), nil, 21614},
		"test From 1":         {good, []string{"From", "+15005550001"}, 21212},
		"test From 7":         {good, []string{"From", "+15005550007"}, 21606},
		"test From 8":         {good, []string{"From", "+15005550008"}, 21611},
		"test From any other": {good, []string{"From", "+15005550123"}, 21606},
		"test To 1":           {"+15005550001", nil, 21211},
		"test To 2":           {"+15005550002", nil, 21612},
		"test To 3":           {"+15005550003", nil, 21408},
		"test To 4":           {"+15005550004", nil, 21610},
		"test To 9":           {"+15005550009", nil, 21614},
	}

	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireTwilioError(t, sim.sms(test.to, test.more...), http.StatusBadRequest, test.code)
		})
	}

	require.Empty(t, sim.Ledger())
}

func TestAcceptedLimits(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) { config.Twilio.CallbackHosts = []string{"genio.example"} })

	sim.sent("+393331234567", "From", "+15005550006", "Body", strings.Repeat("è", 1600), "ValidityPeriod", "36000")
	sim.sent("+393331234567", "StatusCallback", "http://genio.example:8080/callback")
	require.Len(t, sim.Ledger(), 2)
}

func TestSegments(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	for text, want := range map[string]string{
		strings.Repeat("1", 160): "1", strings.Repeat("1", 161): "2", strings.Repeat("1", 307): "3",
		"€" + strings.Repeat("1", 158): "1", "€" + strings.Repeat("1", 159): "2",
		strings.Repeat("Á", 70): "1", strings.Repeat("Á", 71): "2", "😜" + strings.Repeat("a", 68): "1", "😜" + strings.Repeat("a", 69): "2",
	} {
		require.Equal(t, want, sim.sent("+393331234567", "Body", text).NumSegments, text)
	}
}

func TestSMSThatStoresNothing(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	requireTwilioError(t, sim.sms(phone(simulator.PhoneServerError)), http.StatusInternalServerError, 20500)
	require.Zero(t, sim.sms(phone(simulator.PhoneTimeoutNothingStored)).status)

	limited := phone(simulator.PhoneRateLimitedFirst)
	requireTwilioError(t, sim.sms(limited), http.StatusTooManyRequests, 20429)
	requireTwilioError(t, sim.sms(limited), http.StatusTooManyRequests, 20429)
	require.Empty(t, sim.Ledger())

	sim.sent(limited)
	require.Len(t, sim.Ledger(), 1)
}

func TestSMSThatIsStoredWithoutSayingSo(t *testing.T) {
	t.Parallel()

	for outcome, want := range map[simulator.PhoneOutcome]struct {
		status int
		answer simulator.Answer
	}{
		simulator.PhoneTimeoutAfterAccepting:     {0, simulator.AnswerNone},
		simulator.PhoneServerErrorAfterAccepting: {http.StatusInternalServerError, simulator.AnswerInternalError},
	} {
		sim := newBench(t, nil)
		require.Equal(t, want.status, sim.sms(phone(outcome)).status)

		entries := sim.Ledger()
		require.Len(t, entries, 1)
		require.Equal(t, want.answer, entries[0].Answer)
		require.Len(t, sim.listed(url.Values{"To": {phone(outcome)}}).Messages, 1, "a list by recipient finds it")
	}
}

func TestTwilioCredentials(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	path := "/twilio/2010-04-01/Accounts/" + account + "/Messages.json"

	requireTwilioError(t, sim.control(http.MethodPost, path, ""), http.StatusUnauthorized, 20003)

	for user, want := range map[string]int{account: http.StatusUnauthorized, "AC2": http.StatusUnauthorized} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sim.url+path, http.NoBody)
		require.NoError(t, err)
		request.SetBasicAuth(user, "wrong")
		requireTwilioError(t, sim.do(request), want, 20003)
	}

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sim.url+strings.Replace(path, account, "AC2", 1), http.NoBody)
	require.NoError(t, err)
	request.SetBasicAuth(account, authToken)
	requireTwilioError(t, sim.do(request), http.StatusNotFound, 20404)
	requireTwilioError(t, sim.twilio(http.MethodGet, "/Messages/SM1.json", nil), http.StatusNotFound, 20404)
}

type twilioPage struct {
	Messages    []twilioMessage `json:"messages"`
	NextPageURI *string         `json:"next_page_uri"`
	Page        int             `json:"page"`
	PageSize    int             `json:"page_size"`
	Start       int             `json:"start"`
	End         int             `json:"end"`
}

func (b bench) listed(query url.Values) twilioPage {
	b.t.Helper()

	read := b.twilio(http.MethodGet, "/Messages.json?"+query.Encode(), nil)
	require.Equal(b.t, http.StatusOK, read.status, read.body)

	var page twilioPage

	read.json(b.t, &page)

	return page
}

func TestListFiltersAndPages(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	sids := make([]string, 5)
	for i := range sids {
		sids[i] = sim.sent("+393331234567", "Body", "testo "+strconv.Itoa(i)).SID
	}

	sim.sent("+393331234568")

	first := sim.listed(url.Values{"To": {"+393331234567"}, "PageSize": {"2"}})
	require.Equal(t, []string{sids[4], sids[3]}, sidsOf(first), "newest first")
	require.Equal(t, []int{0, 2, 0, 1}, []int{first.Page, first.PageSize, first.Start, first.End})

	path, isRelative := strings.CutPrefix(*first.NextPageURI, "/2010-04-01/Accounts/"+account)
	require.True(t, isRelative)

	var second twilioPage

	sim.twilio(http.MethodGet, path, nil).json(t, &second)
	require.Equal(t, []string{sids[2], sids[1]}, sidsOf(second))

	last := sim.listed(url.Values{"To": {"+393331234567"}, "PageSize": {"2"}, "Page": {"2"}})
	require.Equal(t, []string{sids[0]}, sidsOf(last))
	require.Nil(t, last.NextPageURI)

	require.Len(t, sim.listed(nil).Messages, 6)
	require.Empty(t, sim.listed(url.Values{"From": {"Altro"}}).Messages)
}

func TestListFiltersByDate(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	sim.sent("+393331234567")

	now := time.Now().UTC()
	for query, want := range map[string]int{
		"DateSent>=" + now.Add(-time.Minute).Format(time.RFC3339):  1,
		"DateSent>=" + now.Add(time.Minute).Format(time.RFC3339):   0,
		"DateSent<=" + now.Add(time.Minute).Format(time.RFC3339):   1,
		"DateSent<=" + now.AddDate(0, 0, -1).Format(time.DateOnly): 0,
		"DateSent>=" + now.AddDate(0, 0, -1).Format(time.DateOnly): 1,
		"DateSent=" + now.AddDate(0, 0, -2).Format(time.DateOnly):  0,
	} {
		var page twilioPage

		sim.twilio(http.MethodGet, "/Messages.json?"+query, nil).json(t, &page)
		require.Len(t, page.Messages, want, query)
	}

	require.Equal(t, http.StatusBadRequest, sim.twilio(http.MethodGet, "/Messages.json?DateSent=yesterday", nil).status)
}

func sidsOf(page twilioPage) []string {
	sids := make([]string, 0, len(page.Messages))
	for _, message := range page.Messages {
		sids = append(sids, message.SID)
	}

	return sids
}

func requireTwilioError(t *testing.T, got answer, status, code int) {
	t.Helper()
	require.Equal(t, status, got.status, got.body)

	var body struct {
		Code, Status int
		Message      string
		MoreInfo     string `json:"more_info"`
	}

	got.json(t, &body)
	require.Equal(t, code, body.Code, body.Message)
	require.Equal(t, status, body.Status)
	require.NotEmpty(t, body.Message)
	require.Equal(t, "https://www.twilio.com/docs/errors/"+strconv.Itoa(code), body.MoreInfo)
}
