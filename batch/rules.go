package batch

import (
	"errors"
	"fmt"
	"time"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

// Filler is a template that fills itself with a row's values. Its methods are called by several goroutines at once.
type Filler interface {
	// Placeholders are those of the template, in the order of the values.
	Placeholders() []string
	// Check lists the limits that the filled text breaks. It is called for each row of a file.
	Check(values []string) notification.FieldErrors
	// SMS is the text for a citizen whom IO does not reach.
	SMS(values []string) string
}

// Rules are what the rows of a file are held against.
type Rules struct {
	FiscalCodes *fiscalcode.Validator // nil: no test codes are allowed
	Phones      sms.PhoneRules
	Content     Filler
	// MaxPaymentCents is the service's ceiling; 0 allows no payment.
	MaxPaymentCents int64
	Now             time.Time
}

// Summary is what reading a file found.
type Summary struct {
	// Counts has Good without the duplicates, so that rows are good, bad and duplicates together. WithPhone, SMSParts and
	// Doubled are of the good ones.
	Counts notification.BatchCounts
}

// plan is a layout as the check of a row needs it.
type plan struct {
	steps  []step // from left to right
	values []step // the column of each placeholder
	width  int
	// separator of a CSV.
	separator string

	payments bool // each row has one
	now      time.Time
	italy    *time.Location
}

type step struct {
	column int
	field  Field
}

func makePlan(layout Layout, rules Rules) (plan, error) {
	italy, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return plan{}, fmt.Errorf("loading the Italian time zone: %w", err)
	}

	placeholders := rules.Content.Placeholders()
	if len(layout.Unmapped(Wanted{Placeholders: placeholders})) > 0 {
		return plan{}, errors.New("reading the file: a column has to be found for each required field first")
	}

	made := plan{
		width: len(layout.Columns), separator: layout.Separator, payments: layout.Column(FieldNoticeNumber) >= 0,
		now: rules.Now, italy: italy,
	}

	for i, column := range layout.Columns {
		if _, isValue := column.Field.Placeholder(); column.Field != "" && !isValue {
			made.steps = append(made.steps, step{i, column.Field})
		}
	}

	for _, name := range placeholders {
		made.values = append(made.values, step{layout.Column(Value(name)), Value(name)})
	}

	return made, nil
}
