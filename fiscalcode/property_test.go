package fiscalcode_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/genio-gateway/genio/fiscalcode"
)

const (
	letters      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	monthLetters = "ABCDEHLMPRST"
	digits       = "0123456789"
)

func TestACodeGivesBackWhatItWasMadeOf(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		person := drawPerson(t)

		code, err := fiscalcode.Parse(person.code)
		require.NoError(t, err)
		require.Equal(t, person.sex, code.Sex())
		require.Equal(t, person.place, code.PlaceCode())
		require.Contains(t, code.BirthDates(person.born.AddDate(30, 0, 0)), person.born)

		variant := rapid.SampledFrom(code.Variants()).Draw(t, "variant")
		require.Equal(t, code, variant.Base())
		require.Equal(t, code.Masked()[:len(code.Masked())-1], variant.Masked()[:len(variant.Masked())-1])
	})
}

func TestOneWrongCharacterIsAlwaysFound(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		code := []byte(drawPerson(t).code)
		at := rapid.IntRange(0, len(code)-1).Draw(t, "position")
		wrong := rapid.SampledFrom([]byte(letters+digits)).
			Filter(func(b byte) bool { return b != code[at] }).Draw(t, "character")
		code[at] = wrong

		_, err := fiscalcode.Parse(string(code))
		require.Error(t, err)
	})
}

func TestOneWrongDigitOfANumericCodeIsAlwaysFound(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		valid, err := fiscalcode.CompleteNumeric(rapid.StringMatching(`[1-9][0-9]{9}`).Draw(t, "body"))
		require.NoError(t, err)

		code := []byte(valid)
		at := rapid.IntRange(0, len(code)-1).Draw(t, "position")
		code[at] = rapid.SampledFrom([]byte(digits)).
			Filter(func(b byte) bool { return b != code[at] }).Draw(t, "digit")

		require.Error(t, fiscalcode.ValidateNumeric(string(code)))
	})
}

type person struct {
	code  string
	sex   fiscalcode.Sex
	born  time.Time
	place string
}

func drawPerson(t *rapid.T) person {
	epoch := time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	drawn := person{
		sex:   rapid.SampledFrom([]fiscalcode.Sex{fiscalcode.Male, fiscalcode.Female}).Draw(t, "sex"),
		born:  epoch.AddDate(0, 0, rapid.IntRange(0, 54_000).Draw(t, "days since 1900")),
		place: rapid.StringMatching(`[A-Z][0-9]{3}`).Draw(t, "place"),
	}

	encoded := drawn.born.Day()
	if drawn.sex == fiscalcode.Female {
		encoded += 40
	}

	var body strings.Builder

	body.WriteString(rapid.StringMatching(`[A-Z]{6}`).Draw(t, "names"))
	body.WriteString(drawn.born.Format("06"))
	body.WriteByte(monthLetters[drawn.born.Month()-1])
	body.WriteByte(digits[encoded/10])
	body.WriteByte(digits[encoded%10])
	body.WriteString(drawn.place)

	code, err := fiscalcode.Complete(body.String())
	require.NoError(t, err)

	drawn.code = code

	return drawn
}
