package frontend

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/genio-gateway/genio/notification"
)

const (
	centsInEuro = 100
	groupDigits = 3
)

// moment is a time as the pages show it: for people, in Italy's time, and for machines.
type moment struct {
	Set     bool
	Date    string
	Clock   string // with seconds
	Machine string
}

// String is date and time together.
func (m moment) String() string { return strings.TrimSpace(m.Date + " " + m.Clock) }

// shortly is date and time without seconds, for times that are not known so well.
func (m moment) shortly() string { return strings.TrimSuffix(m.String(), m.Clock[len("15:04"):]) }

func (f *Frontend) moment(t time.Time, lang notification.Lang) moment {
	if t.IsZero() {
		return moment{}
	}

	local := t.In(f.timeZone)

	return moment{Set: true, Date: local.Format(dateLayout(lang)), Clock: local.Format(time.TimeOnly), Machine: local.Format(time.RFC3339)}
}

func dateLayout(lang notification.Lang) string {
	if lang == notification.English {
		return "2 Jan 2006"
	}

	return "02/01/2006"
}

// amount writes euro cents as "1.234,50 €" or "€1,234.50".
func amount(cents int64, lang notification.Lang) string {
	euros := strconv.FormatInt(cents/centsInEuro, 10)
	rest := fmt.Sprintf("%02d", cents%centsInEuro)

	if lang == notification.English {
		return "€" + grouped(euros, ",") + "." + rest
	}

	return grouped(euros, ".") + "," + rest + " €"
}

// grouped puts the separator between each three digits.
func grouped(digits, separator string) string {
	var text strings.Builder

	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%groupDigits == 0 {
			text.WriteString(separator)
		}

		text.WriteRune(digit)
	}

	return text.String()
}

// count writes a number of notifications as people of the language group it.
func count(n int, lang notification.Lang) string {
	if lang == notification.English {
		return grouped(strconv.Itoa(n), ",")
	}

	return grouped(strconv.Itoa(n), ".")
}

// duration says about how long something takes.
func duration(d time.Duration, p page) string {
	const day = 24 * time.Hour

	switch minutes := int(d.Round(time.Minute) / time.Minute); {
	case d < time.Minute:
		return p.T("duration.short")
	case minutes < int(time.Hour/time.Minute):
		return p.T("duration.about", p.N("duration.minutes", minutes))
	case d < 2*day:
		return p.T("duration.about", twoUnits(p, "duration.hours", "duration.minutes", d.Round(time.Minute), time.Hour, time.Minute))
	default:
		return p.T("duration.about", twoUnits(p, "duration.days", "duration.hours", d.Round(time.Hour), day, time.Hour))
	}
}

func twoUnits(p page, large, small string, d, largeUnit, smallUnit time.Duration) string {
	text := p.N(large, int(d/largeUnit))
	if rest := int(d % largeUnit / smallUnit); rest > 0 {
		text = p.T("duration.and", text, p.N(small, rest))
	}

	return text
}

// fileSize writes bytes as "12,3 MB" or "12.3 MB".
func fileSize(bytes int64, lang notification.Lang) string {
	const kilo = 1000

	switch {
	case bytes <= 0:
		return ""
	case bytes < kilo:
		return strconv.FormatInt(bytes, 10) + " B"
	case bytes < kilo*kilo:
		return strconv.FormatInt((bytes+kilo/2)/kilo, 10) + " kB"
	}

	text := strconv.FormatFloat(float64(bytes)/kilo/kilo, 'f', 1, 64)
	if lang != notification.English {
		text = strings.Replace(text, ".", ",", 1)
	}

	return text + " MB"
}

// capitalised begins a sentence.
func capitalised(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}

	return string(unicode.ToUpper(first)) + text[size:]
}
