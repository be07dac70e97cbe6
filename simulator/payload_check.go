package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// presence says what a codec makes of a missing field and of null.
type presence int

const (
	required    presence = iota // must be there
	optional                    // may be missing, but null is refused
	nullDefault                 // missing and null both take the default
)

// reportStyle is how a codec's refusals are worded: submit uses the short form, profile and paths the long one.
type reportStyle string

const (
	shortReport reportStyle = "value %s at %s is not a valid [%s]"
	longReport  reportStyle = "value [%s] at [%s] is not a valid [%s]"
)

// textRule is a codec of a string; name is what its refusal shows.
type textRule struct {
	name    string
	accepts func(string) bool
}

// jsonFields are an object's members, undecoded.
type jsonFields map[string]json.RawMessage

// textOf is a string member; empty where it is missing or something else.
func (f jsonFields) textOf(name string) string {
	var text string
	if err := json.Unmarshal(f[name], &text); err != nil {
		return ""
	}

	return text
}

// absent applies a presence to a missing member or null.
func (f jsonFields) absent(name string, presence presence) bool {
	raw, there := f[name]
	if !there {
		return presence != required
	}

	return presence == nullDefault && isNull(raw)
}

// payloadCheck collects what PagoPA's codecs would refuse in a body.
type payloadCheck struct {
	style    reportStyle
	refusals []string
}

func newPayloadCheck(style reportStyle) *payloadCheck { return &payloadCheck{style: style} }

func (p *payloadCheck) failed() bool { return len(p.refusals) > 0 }

func (p *payloadCheck) report() string { return strings.Join(p.refusals, "\n") }

// refuse notes a value that fits none of the types: unions report each of their members. The value is echoed, as
// IO does.
func (p *payloadCheck) refuse(value json.RawMessage, path string, types ...string) {
	for _, name := range types {
		p.refusals = append(p.refusals, fmt.Sprintf(string(p.style), echoed(value), path, name))
	}
}

func (p *payloadCheck) object(raw json.RawMessage, path string, types ...string) (jsonFields, bool) {
	var fields jsonFields
	if isNull(raw) || json.Unmarshal(raw, &fields) != nil {
		p.refuse(raw, path, types...)

		return nil, false
	}

	return fields, true
}

func (p *payloadCheck) text(in jsonFields, parent, name string, presence presence, rule textRule) string {
	if in.absent(name, presence) {
		return ""
	}

	var text *string
	if err := json.Unmarshal(in[name], &text); err != nil || text == nil || !rule.accepts(*text) {
		p.refuse(in[name], parent+"."+name, rule.name)

		return ""
	}

	return *text
}

// boolean gives nil for a missing member.
func (p *payloadCheck) boolean(in jsonFields, parent, name string, presence presence) *bool {
	if in.absent(name, presence) {
		return nil
	}

	var value *bool
	if err := json.Unmarshal(in[name], &value); err != nil || value == nil {
		p.refuse(in[name], parent+"."+name, "boolean")

		return nil
	}

	return value
}

// integer accepts both limits. IO's codec is the union of a half-open range and its upper limit, which its report
// shows. Like JavaScript, 3600.0 is an integer.
func (p *payloadCheck) integer(in jsonFields, parent, name string, presence presence, lowest, highest int64) int64 {
	if in.absent(name, presence) {
		return 0
	}

	var value *float64
	if err := json.Unmarshal(in[name], &value); err != nil || value == nil || *value != math.Trunc(*value) ||
		*value < float64(lowest) || *value > float64(highest) {
		p.refuse(in[name], parent+"."+name, fmt.Sprintf("integer >= %d and < %d", lowest, highest), strconv.FormatInt(highest, 10))

		return 0
	}

	return int64(*value)
}

// date gives the moment in UTC, cut to milliseconds, as IO stores it.
func (p *payloadCheck) date(in jsonFields, parent, name string, presence presence) string {
	if in.absent(name, presence) {
		return ""
	}

	var text *string
	if err := json.Unmarshal(in[name], &text); err == nil && text != nil {
		if moment, valid := parseIODate(*text); valid {
			return ioTimestamp(moment)
		}
	}

	p.refuse(in[name], parent+"."+name, "UtcOnlyIsoDateFromString", "TimezoneOnlyIsoDateFromString")

	return ""
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null"))
}

// echoed words a value as JavaScript's JSON.stringify does.
func echoed(value json.RawMessage) string {
	if len(value) == 0 {
		return "undefined"
	}

	var text string
	if err := json.Unmarshal(value, &text); err == nil && !isNull(value) {
		return string(jsonText(text))
	}

	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return string(value)
	}

	return compact.String()
}

// jsonText encodes a string without Go's escaping of HTML characters.
func jsonText(text string) json.RawMessage {
	var encoded bytes.Buffer

	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)

	if err := encoder.Encode(text); err != nil {
		return nil
	}

	return bytes.TrimSpace(encoded.Bytes())
}
