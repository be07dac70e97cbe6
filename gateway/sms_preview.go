package gateway

import "github.com/genio-gateway/genio/sms"

// doubling is the character that makes most of a batch's SMS cost about twice as much, with what could stand in its
// place; zero where there is none.
func doubling(character string) Substitution {
	preview := smsPreview(character)
	if len(preview.Doubling) == 0 {
		return Substitution{}
	}

	return preview.Doubling[0]
}

// smsPreview shows a text as an SMS, with what makes it cost more than it has to.
func smsPreview(text string) SMSPreview {
	counted := sms.Count(text)
	preview := SMSPreview{Text: text, Parts: counted.Parts, Unicode: counted.Encoding == sms.EncodingUCS2}

	for _, offender := range counted.Offenders {
		preview.Doubling = append(preview.Doubling,
			Substitution{Character: string(offender.Character), Instead: offender.Substitute})
	}

	return preview
}
