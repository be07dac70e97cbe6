package fiscalcode_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/genio-gateway/genio/fiscalcode"
)

func ExampleParse() {
	code, err := fiscalcode.Parse(fiscalcode.Normalise("rss mra 80a01 h50mm"))
	if err != nil {
		fmt.Println(err)

		return
	}

	born, _ := code.BirthDate(time.Date(2026, time.September, 15, 0, 0, 0, 0, time.UTC))

	fmt.Println(code, code.Kind(), code.Sex(), born.Format(time.DateOnly), code.PlaceCode(), code.IsOmocodia())
	// Output: •••••••••••••01M personal M 1980-01-01 H501 true
}

func ExampleRuleError() {
	_, err := fiscalcode.Parse("RSSMRA80A01H501X")

	if rule, ok := errors.AsType[fiscalcode.RuleError](err); ok {
		fmt.Println(rule.Code())
		fmt.Println(rule.Messaggio())
	}
	// Output:
	// check_character
	// l'ultimo carattere del codice fiscale non corrisponde agli altri
}

func ExampleComplete() {
	code, err := fiscalcode.Complete("RSSMRA80A01H501")
	if err != nil {
		fmt.Println(err)

		return
	}

	fmt.Println(code)
	// Output: RSSMRA80A01H501U
}
