package server

import (
	"strconv"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// preferredLanguage reads an Accept-Language header (RFC 9110, 12.5.4). Italian answers whoever does not prefer English.
func preferredLanguage(header string) notification.Lang {
	var italian, english float64

	for part := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")

		switch notification.Lang(primary) {
		case notification.Italian:
			italian = max(italian, quality(parameters))
		case notification.English:
			english = max(english, quality(parameters))
		}
	}

	if english > italian {
		return notification.English
	}

	return notification.Italian
}

// quality is the weight in a language's parameters: 1 where there is none, 0 where it cannot be read.
func quality(parameters string) float64 {
	value, found := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
	if !found {
		return 1
	}

	weight, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}

	return weight
}
