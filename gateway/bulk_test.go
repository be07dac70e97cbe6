package gateway_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// citizens are submissions for as many citizens.
func (f tenant) citizens(count int) []gateway.Submission {
	items := make([]gateway.Submission, count)

	for i := range items {
		items[i] = f.submission()
		items[i].FiscalCode = taxpayer(i + 1)
		items[i].ExternalReference = fmt.Sprintf("pratica-%d", i+1)
	}

	return items
}

func TestABulkIsAcceptedItemByItem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.run(t)

		items := b.citizens(5)
		items[1].FiscalCode = "RSSMRA80A01H501A"
		items[3].ServiceID, items[3].Phone = uuid.NewString(), "0669821"

		receipt, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: items})

		require.NoError(t, err)
		require.False(t, receipt.Replayed)
		require.Len(t, receipt.Items, 5)
		requireFields(t, receipt.Items[1].Errors, map[string]string{"recipient.fiscal_code": "check_character"})
		requireFields(t, receipt.Items[3].Errors, map[string]string{"service_id": "unknown", "recipient.phone": "not_mobile"})

		for _, place := range []int{0, 2, 4} {
			result := receipt.Items[place]
			require.Empty(t, result.Errors)
			require.False(t, result.Replayed)

			n := b.stored(t, result.ID)
			require.Equal(t, notification.Recipient{FiscalCode: taxpayer(place + 1), Phone: phone}, n.Recipient)
			require.Equal(t, fmt.Sprintf("pratica-%d", place+1), n.ExternalReference)
			require.Equal(t, "Comune di Prova: "+subject, n.Content.SMSText)
			require.Equal(t, notification.PriorityNormal, n.Priority)

			until(t, func() bool { return len(b.runs(t, result.ID)) == 1 })
		}

		require.Equal(t, 3, b.total(t))
	})
}

func TestABulkOfTheLargestSize(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		receipt, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: b.citizens(1_000)})

		require.NoError(t, err)
		require.Len(t, receipt.Items, 1_000)
		require.Equal(t, 1_000, b.total(t))

		_, err = b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: b.citizens(1_001)})
		requireFields(t, err, map[string]string{"items": "too_many"})
		require.Equal(t, 1_000, b.total(t))
	})
}

func TestABulkThatCannotBe(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		_, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{IdempotencyKey: "a key"})
		requireFields(t, err, map[string]string{"items": "required", "Idempotency-Key": "characters"}, "a key")

		_, err = b.SubmitBulk(t.Context(), b.user(gateway.RoleAuditor), gateway.Bulk{Items: b.citizens(1)})
		require.ErrorIs(t, err, gateway.ErrForbidden)
	})
}

func TestABulkIsOfOneEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		second := newService(t, store, b.ente.ID)

		items := b.citizens(3)
		items[1].ServiceID, items[2].ServiceID = foreign.service.ID, second.ID

		receipt, err := b.SubmitBulk(t.Context(), support(), gateway.Bulk{Items: items})
		require.NoError(t, err)
		require.Equal(t, b.service.ID, b.stored(t, receipt.Items[0].ID).ServiceID)
		requireFields(t, receipt.Items[1].Errors, map[string]string{"service_id": "other_ente"})
		require.Equal(t, second.ID, b.stored(t, receipt.Items[2].ID).ServiceID)

		receipt, err = b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: items})
		require.NoError(t, err)
		requireFields(t, receipt.Items[1].Errors, map[string]string{"service_id": "unknown"})
	})
}

func TestABulkOfNothingValid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		items := b.citizens(1)
		items[0].ServiceID = uuid.NewString()

		for _, actor := range []gateway.Actor{b.application(), support()} {
			bulk := gateway.Bulk{Items: items, IdempotencyKey: "42"}

			receipt, err := b.SubmitBulk(t.Context(), actor, bulk)
			require.NoError(t, err)
			requireFields(t, receipt.Items[0].Errors, map[string]string{"service_id": "unknown"})

			again, err := b.SubmitBulk(t.Context(), actor, bulk)
			require.NoError(t, err)
			require.Equal(t, receipt.Items, again.Items)
		}

		require.Zero(t, b.total(t))
	})
}

func TestARepeatedBulkGivesTheVerySameAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		items := b.citizens(4)
		items[1].FiscalCode = "RSSMRA80A01H501A"
		items[2].IdempotencyKey, items[3].IdempotencyKey = "riga-3", "riga-3"
		bulk := gateway.Bulk{Items: items, IdempotencyKey: "42"}

		first, err := b.SubmitBulk(t.Context(), b.application(), bulk)
		require.NoError(t, err)
		require.True(t, first.Items[3].Conflict, "its key is that of another item")

		written := gateway.Bulk{IdempotencyKey: "42", Items: append([]gateway.Submission{}, items...)}
		written.Items[0].FiscalCode = strings.ToLower(items[0].FiscalCode)

		again, err := b.SubmitBulk(t.Context(), b.application(), written)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, first.Items, again.Items)
		require.Equal(t, 2, b.total(t))

		// What changes in the meantime changes nothing of the answer.
		disabled := b.service
		disabled.Active = false
		require.NoError(t, store.UpdateService(t.Context(), disabled))

		again, err = b.SubmitBulk(t.Context(), b.application(), bulk)
		require.NoError(t, err)
		require.Equal(t, first.Items, again.Items)
	})
}

func TestABulksKeyUsedForAnotherBulkIsAConflict(t *testing.T) {
	t.Parallel()

	changes := map[string]func([]gateway.Submission) []gateway.Submission{
		"another citizen": func(items []gateway.Submission) []gateway.Submission { items[1].FiscalCode = taxpayer(9); return items },
		"one item less":   func(items []gateway.Submission) []gateway.Submission { return items[:1] },
		"another order": func(items []gateway.Submission) []gateway.Submission {
			items[0], items[1] = items[1], items[0]
			return items
		},
		"an item's key": func(items []gateway.Submission) []gateway.Submission {
			items[0].IdempotencyKey = "riga-1"
			return items
		},
		"an invalid item":  func(items []gateway.Submission) []gateway.Submission { items[0].Phone = "0669821"; return items },
		"nothing is valid": func(items []gateway.Submission) []gateway.Submission { items[0].Phone = "0669821"; return items[:1] },
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		_, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: b.citizens(2), IdempotencyKey: "42"})
		require.NoError(t, err)

		for name, change := range changes {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				bulk := gateway.Bulk{Items: change(b.citizens(2)), IdempotencyKey: "42"}
				_, err := b.SubmitBulk(t.Context(), b.application(), bulk)

				require.ErrorIs(t, err, gateway.ErrIdempotencyConflict)
			})
		}
	})
}

func TestAnItemsKeyIsThatOfASingleSubmission(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		single, err := b.Submit(t.Context(), b.application(), b.keyed("42"))
		require.NoError(t, err)

		other := b.keyed("42")
		other.ExternalReference = "pratica-43"

		badKey := b.submission()
		badKey.IdempotencyKey = "a key"

		receipt, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{
			Items: []gateway.Submission{b.keyed("42"), other, b.keyed("43"), b.keyed("43"), badKey},
		})

		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: single.ID, Replayed: true}, receipt.Items[0].Receipt)
		require.True(t, receipt.Items[1].Conflict)
		require.Empty(t, receipt.Items[1].ID)
		require.False(t, receipt.Items[2].Replayed)
		require.Equal(t, gateway.Receipt{ID: receipt.Items[2].ID, Replayed: true}, receipt.Items[3].Receipt)
		requireFields(t, receipt.Items[4].Errors, map[string]string{"idempotency_key": "characters"}, "a key")
		require.Equal(t, 2, b.total(t))
	})
}

func TestAnItemThatWasAcceptedBeforeItBecameInvalid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		single, err := b.Submit(t.Context(), b.application(), b.keyed("42"))
		require.NoError(t, err)

		disabled := b.service
		disabled.Active = false
		require.NoError(t, store.UpdateService(t.Context(), disabled))

		other := b.keyed("42")
		other.ExternalReference = "pratica-43"

		receipt, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{
			Items: []gateway.Submission{b.keyed("42"), other, b.keyed("43")},
		})

		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: single.ID, Replayed: true}, receipt.Items[0].Receipt)
		require.Empty(t, receipt.Items[0].Errors)
		require.True(t, receipt.Items[1].Conflict)
		requireFields(t, receipt.Items[2].Errors, map[string]string{"service_id": "inactive"})
	})
}

func TestConcurrentRepetitionsOfABulkAreOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const repetitions = 6

		b := newBundle(t, store)
		bulk := gateway.Bulk{Items: b.citizens(20), IdempotencyKey: "42"}

		var group sync.WaitGroup

		receipts, errs := make([]gateway.BulkReceipt, repetitions), make([]error, repetitions)

		for i := range repetitions {
			group.Go(func() { receipts[i], errs[i] = b.SubmitBulk(t.Context(), b.application(), bulk) })
		}

		group.Wait()
		require.NoError(t, errors.Join(errs...))

		for _, receipt := range receipts {
			require.Equal(t, receipts[0].Items, receipt.Items)
		}

		require.Equal(t, 20, b.total(t))
	})
}

func TestABulkByTemplate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		template := b.taxTemplate(t, store)
		foreign := newTenant(t, store).taxTemplate(t, store)

		byTemplate := func(id string, values map[string]string) gateway.Submission {
			item := b.submission()
			item.Content = notification.Content{}
			item.Template = &gateway.Personalised{TemplateID: id, Values: values}

			return item
		}

		receipt, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: []gateway.Submission{
			byTemplate(template.ID, map[string]string{"nome": "Ada"}),
			byTemplate(template.ID, map[string]string{"nome": "Ugo"}),
			byTemplate(template.ID, nil),
			byTemplate(foreign.ID, map[string]string{"nome": "Eva"}),
		}})

		require.NoError(t, err)
		require.Equal(t, "TARI 2026 per Ada", b.stored(t, receipt.Items[0].ID).Content.Subject)
		require.Equal(t, "TARI 2026 per Ugo", b.stored(t, receipt.Items[1].ID).Content.Subject)
		requireFields(t, receipt.Items[2].Errors, map[string]string{"personalisation.nome": "required"})
		requireFields(t, receipt.Items[3].Errors, map[string]string{"template_id": "unknown"})
	})
}

func TestABulkWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)
	_, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: b.citizens(1)})

	require.ErrorIs(t, err, gateway.ErrUnavailable)
}

// One and the same message is recognised however it was handed in.
func TestAMessageIsRecognisedWhicheverWayItCame(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.draft(t, goodRow(t, 2, "Ada"), goodRow(t, 3, "Ugo"), goodRow(t, 4, "Eva"))
		template := b.storedBatch(t, id).TemplateID

		as := func(number int, name string) gateway.Submission {
			item := b.submission()
			item.FiscalCode, item.Content = taxpayer(number), notification.Content{}
			item.Template = &gateway.Personalised{TemplateID: template, Values: map[string]string{"nome": name}}

			return item
		}

		single, err := b.Submit(t.Context(), b.application(), as(2, "Ada"))
		require.NoError(t, err)

		receipt, err := b.SubmitBulk(t.Context(), b.application(), gateway.Bulk{Items: []gateway.Submission{as(3, "Ugo")}})
		require.NoError(t, err)
		require.NotEqual(t, single.ID, receipt.Items[0].ID)

		again := b.uploadedAgain(t, template)
		rows := []db.BatchRow{goodRow(t, 2, "Ada"), goodRow(t, 3, "Ugo"), goodRow(t, 4, "Eva")}
		b.hash(t, again, rows)
		require.NoError(t, store.BeginCheck(t.Context(), again, 1))
		require.NoError(t, store.AddBatchRows(t.Context(), again, 1, rows))

		repeated, err := store.MarkRepeated(t.Context(), again, 1, time.Now().Add(-24*time.Hour))

		require.NoError(t, err)
		require.Equal(t, 2, repeated)
		require.Equal(t, notification.RowDuplicate, b.row(t, again, 2).State)
		require.Equal(t, notification.RowDuplicate, b.row(t, again, 3).State)
		require.Equal(t, notification.RowGood, b.row(t, again, 4).State)
	})
}
