package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf16"
)

// Limits and names of PagoPA's codecs, as published and measured (io-functions-commons 32.1.0).
const (
	minSubject, maxSubject       = 10, 120 // UTF-16 code units
	minMarkdown, maxMarkdown     = 80, 10_000
	minTimeToLive, maxTimeToLive = 3600, 604_800 // seconds
	minAmount, maxAmount         = 1, 9_999_999_999

	exactFiscalCodePayload = `{| fiscal_code: string that matches the pattern "` + fiscalCodePattern + `" |}`
)

const (
	fiscalCodePattern    = `^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`
	organizationPattern  = `^[0-9]{11}$`
	noticeNumberPattern  = `^[0123][0-9]{17}$`
	configurationPattern = `^[0-9a-hjkmnp-tv-zA-HJKMNP-TV-Z]{26}$`
)

var (
	fiscalCodeRegexp    = regexp.MustCompile(fiscalCodePattern)
	organizationRegexp  = regexp.MustCompile(organizationPattern)
	noticeNumberRegexp  = regexp.MustCompile(noticeNumberPattern)
	configurationRegexp = regexp.MustCompile(configurationPattern)
	emailRegexp         = regexp.MustCompile(`^[^\s@]+@([0-9A-Za-z-]+\.)+[A-Za-z]{2,}$`)
)

func patternRule(pattern string, compiled *regexp.Regexp) textRule {
	return textRule{name: `string that matches the pattern "` + pattern + `"`, accepts: compiled.MatchString}
}

func fiscalCodeRule() textRule   { return patternRule(fiscalCodePattern, fiscalCodeRegexp) }
func organizationRule() textRule { return patternRule(organizationPattern, organizationRegexp) }
func noticeNumberRule() textRule { return patternRule(noticeNumberPattern, noticeNumberRegexp) }
func configurationRule() textRule {
	return patternRule(configurationPattern, configurationRegexp)
}

func emailRule() textRule {
	return textRule{name: "string that represents an email address", accepts: emailRegexp.MatchString}
}

// lengthRule counts UTF-16 code units, as JavaScript does: an emoji outside the BMP counts 2.
func lengthRule(shortest, longest int) textRule {
	return textRule{
		name: fmt.Sprintf("string of length >= %d and < %d", shortest, longest+1),
		accepts: func(text string) bool {
			units := len(utf16.Encode([]rune(text)))

			return units >= shortest && units <= longest
		},
	}
}

func nonEmptyRule() textRule {
	return textRule{name: "non empty string", accepts: func(text string) bool { return text != "" }}
}

func anyTextRule() textRule {
	return textRule{name: "string", accepts: func(string) bool { return true }}
}

func enumRule(name string, values ...string) textRule {
	return textRule{name: name, accepts: func(text string) bool {
		return slices.Contains(values, text)
	}}
}
