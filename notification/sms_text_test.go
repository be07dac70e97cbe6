package notification_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func bilingual() notification.Content {
	content := validContent()
	content.English = &notification.Translation{Subject: "Expiry of the identity card", Markdown: inEnglish}

	return content
}

func TestSMSTextsAreWrittenOut(t *testing.T) {
	t.Parallel()

	given := bilingual()
	written := given.WithSMSTexts("Comune di Prova")

	require.Equal(t, "Comune di Prova: Scadenza della carta d'identità", written.SMSText)
	require.Equal(t, "Comune di Prova: Expiry of the identity card", written.English.SMSText)
	require.Equal(t, written, written.WithSMSTexts("Comune rinominato"), "what is written stays")
	require.Empty(t, given.English.SMSText, "the caller's own content stays as it was")
	require.Nil(t, validContent().WithSMSTexts("Comune").English)
}

func TestContentInALanguage(t *testing.T) {
	t.Parallel()

	written := bilingual().WithSMSTexts("Comune")
	english, italian := written.In(notification.English), written.In(notification.Italian)

	require.Equal(t, "Expiry of the identity card", english.Subject)
	require.Equal(t, inEnglish, english.Markdown)
	require.Equal(t, "Comune: Expiry of the identity card", english.SMSText)
	require.Nil(t, english.English)

	italian.English = written.English
	require.Equal(t, written, italian)
	require.Equal(t, validContent(), validContent().In(notification.English), "who prefers English reads Italian where there is no other")
	require.Equal(t, written.In(notification.Italian), written.In(""))
}

func TestEnglishKeepsTheSameRules(t *testing.T) {
	t.Parallel()

	require.Empty(t, bilingual().Validate(ceiling))

	for name, test := range map[string]struct {
		change      func(*notification.Translation)
		field, code string
	}{
		"subject":  {func(e *notification.Translation) { e.Subject = "Short" }, "content.english.subject", "too_short"},
		"markdown": {func(e *notification.Translation) { e.Markdown = "" }, "content.english.markdown", "required"},
		"front-matter": {func(e *notification.Translation) {
			e.Markdown = "---\n" + e.Markdown
		}, "content.english.markdown", "front_matter_unclosed"},
		"SMS text": {func(e *notification.Translation) { e.SMSText = strings.Repeat("a", 1601) }, "content.english.sms_text", "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content := bilingual()
			test.change(content.English)
			requireOnly(t, content.Validate(ceiling), test.field, test.code)
		})
	}
}
