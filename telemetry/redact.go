package telemetry

import "regexp"

// suspicious is what may be personal data in a text that GeNIO did not write itself, such as a database driver's error: quoted
// values, codes with digits in them, long numbers, addresses of e-mail.
var suspicious = regexp.MustCompile(`"[^"]*"|'[^']*'|` + "`[^`]*`" +
	`|[^\s@]+@[^\s@]+|\+?\d[\d ./-]{5,}\d|\b[A-Za-z]*\d[A-Za-z0-9]{7,}\b|\b[A-Za-z]{6}\d\w{9}\b`)

// Redacted is the text with everything that may be personal data left out. The project's own errors hold none; this
// is the net below them.
func Redacted(text string) string {
	return suspicious.ReplaceAllString(text, "[…]")
}
