package frontend

import (
	"fmt"
	"strconv"
	"strings"
	"time"

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
