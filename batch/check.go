package batch

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// slot is a row with the memory that its parts live in, used again for a later one.
type slot struct {
	Row

	kinds          []kind
	fault          string
	nul, multiline bool

	due     time.Time
	payment notification.Payment
	exact   bool   // the amount was written with decimals
	priced  bool   // an amount was read
	content uint64 // a hash of recipient and content
}

func (s *slot) load(from record) {
	s.Row = Row{
		Number: from.number, Cells: append(s.Cells[:0], from.cells...), Values: s.Values[:0],
		Issues: s.Issues[:0], Repairs: s.Repairs[:0],
	}
	s.kinds = append(s.kinds[:0], from.kinds...)
	s.fault, s.nul, s.multiline = from.fault, from.nul, from.multiline
	s.payment = notification.Payment{}
	s.exact, s.priced = false, false
}

// checker checks rows, one after the other.
type checker struct {
	plan  plan
	rules Rules
	parts *smsCounter
	seed  maphash.Seed
	words []byte // what the fingerprint of a row is taken of

	// lastDate is a date that was read before: in most files all rows have the same.
	lastDate map[Field]datedText
}

type datedText struct {
	text string
	at   time.Time
}

func newChecker(made plan, rules Rules, seed maphash.Seed) *checker {
	return &checker{plan: made, rules: rules, parts: newSMSCounter(), seed: seed, lastDate: map[Field]datedText{}}
}

// check fills the row from its cells.
func (c *checker) check(s *slot) {
	if s.fault != "" {
		s.issue(-1, "", s.fault)

		return
	}

	c.checkStructure(s)

	for _, step := range c.plan.steps {
		c.checkCell(s, step)
	}

	c.checkPayment(s)
	c.checkReference(s)
	c.checkContent(s)

	if len(s.Issues) > 0 {
		return
	}

	c.price(s)
	c.fingerprint(s)
}

func (s *slot) issue(column int, field Field, code string) {
	s.Issues = append(s.Issues, Issue{Column: column + 1, Field: field, Code: code})
}

func (s *slot) repair(at step, code string) {
	s.Repairs = append(s.Repairs, Issue{Column: at.column + 1, Field: at.field, Code: code})
}

// checkStructure finds what no column can be blamed for.
func (c *checker) checkStructure(s *slot) {
	// In Excel a stray note beside the table harms nothing; in a CSV it is a separator too many.
	for i := c.plan.width; i < len(s.Cells) && len(s.kinds) == 0; i++ {
		if !isBlankRow(s.Cells[i : i+1]) {
			s.issue(i, "", issueTooManyCells)

			break
		}
	}

	if s.multiline && c.swallowedARow(s) {
		s.issue(-1, "", issueQuotes)
	}

	// A database may refuse a NUL wherever it stands.
	if s.nul {
		s.issue(slices.IndexFunc(s.Cells, hasNUL), "", issueControls)
	}
}

// swallowedARow: a quotation mark that is not closed until a later row's swallows the rows between. That leaves a row short
// of cells, or with a cell in which another citizen stands among separators.
func (c *checker) swallowedARow(s *slot) bool {
	if len(s.Cells) < c.plan.width {
		return true
	}

	return slices.ContainsFunc(s.Cells, func(text string) bool {
		_, below, multiline := strings.Cut(text, "\n")

		swallowed := strings.Split(below, c.plan.separator)

		return multiline && len(swallowed) > 1 && slices.ContainsFunc(swallowed, looksLikeFiscalCode)
	})
}

func hasNUL(text string) bool { return strings.IndexByte(text, 0) >= 0 }

// text is a cell made tidy; false where it has an issue that says all.
func (c *checker) text(s *slot, at step) (string, kind, bool) {
	if at.column >= len(s.Cells) {
		return "", kindText, true
	}

	if len(s.kinds) == 0 && isPlain(s.Cells[at.column]) {
		return s.Cells[at.column], kindText, true
	}

	read := kindText
	if at.column < len(s.kinds) {
		read = s.kinds[at.column]
	}

	switch read {
	case kindError:
		s.issue(at.column, at.field, issueFormulaError)

		return "", read, false
	case kindImprecise:
		s.issue(at.column, at.field, issuePrecision)

		return "", read, false
	default:
	}

	found := tidy(s.Cells[at.column])

	switch {
	case found.code == issueControls && hasNUL(s.Cells[at.column]):
		return "", read, false // said already
	case found.code != "":
		s.issue(at.column, at.field, found.code)

		return "", read, false
	case found.repaired:
		s.repair(at, repairQuoting)
	}

	return found.text, read, true
}

func (c *checker) checkCell(s *slot, at step) {
	text, read, ok := c.text(s, at)
	if !ok {
		return
	}

	switch at.field {
	case FieldDueDate, FieldSendAt:
		c.checkDate(s, at, text, read)
	case FieldAmountEuro, FieldAmountCents:
		c.checkAmount(s, at, text, read)
	case FieldReference:
		s.Reference = text
	case FieldInvalidAfter:
		value, code := parseBoolean(text)
		if code != "" {
			s.issue(at.column, at.field, code)
		}

		s.payment.InvalidAfterDueDate = value
	default:
		c.checkCode(s, at, text)
	}
}

// checkPayment hands the payment out. Whatever the cells' own checks say, the domain has the last word.
func (c *checker) checkPayment(s *slot) {
	if !c.plan.payments || len(s.Issues) > 0 {
		return
	}

	if len(s.payment.Validate(c.rules.MaxPaymentCents)) > 0 {
		s.issue(-1, FieldNoticeNumber, issueNoticeFormat)

		return
	}

	s.Payment = &s.payment
}

func (c *checker) checkReference(s *slot) {
	if s.Reference == "" {
		return
	}

	if code := referenceIssue(s.Reference, s.Recipient, c.rules); code != "" {
		at := slices.IndexFunc(c.plan.steps, func(st step) bool { return st.field == FieldReference })
		s.issue(c.plan.steps[at].column, FieldReference, code)
	}
}

// checkContent fills the template's placeholders.
func (c *checker) checkContent(s *slot) {
	complete := true

	for _, at := range c.plan.values {
		text, ok := c.value(s, at)
		s.Values = append(s.Values, text)
		complete = complete && ok
	}

	if !complete {
		return
	}

	s.Issues = append(s.Issues, contentIssues(c.rules.Content.Check(s.Values))...)
}

// contentIssues are the rules that a filled template breaks, each once. No column can be blamed for them.
func contentIssues(broken notification.FieldErrors) []Issue {
	var issues []Issue

	for _, found := range broken {
		issue := Issue{Code: filledCode(found)}
		if !slices.Contains(issues, issue) {
			issues = append(issues, issue)
		}
	}

	return issues
}

// value is a placeholder's. A column that holds a field as well has been complained about already.
func (c *checker) value(s *slot, at step) (string, bool) {
	if slices.ContainsFunc(s.Issues, func(i Issue) bool { return i.Column == at.column+1 }) {
		return "", false
	}

	text, _, ok := c.text(s, at)

	switch {
	case !ok:
		return "", false
	case text == "":
		s.issue(at.column, at.field, issueRequired)

		return "", false
	case showsExponent(text):
		s.issue(at.column, at.field, issueScientific)

		return "", false
	}

	return text, true
}

// filledCode is the code of a rule that a filled text breaks: subject_too_long for content.subject's too_long.
func filledCode(broken notification.FieldError) string {
	field := broken.Field[strings.LastIndexByte(broken.Field, '.')+1:]

	if code := field + "_" + broken.Code; contentText(code).message != "" {
		return code
	}

	return issueContent
}

// price says what an SMS to the citizen would cost.
func (c *checker) price(s *slot) {
	if s.Recipient.Phone != "" {
		s.SMSParts, s.Doubling = c.parts.count(c.rules.Content.SMS(s.Values))
	}
}
