package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// wrongBatch is one that is being sent: two of its citizens have their message, one waits for it, one is not reached.
func (b bundle) wrongBatch(t *testing.T) string {
	t.Helper()

	id := b.draft(t, goodRow(t, 2, "Ada"), goodRow(t, 3, "Bruno; detto \"Nino\""), goodRow(t, 4, "Carla"), goodRow(t, 5, "Dino"))
	require.NoError(t, b.store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))
	require.NoError(t, b.store.MoveBatch(t.Context(), id,
		[]notification.BatchStatus{notification.BatchSending}, notification.BatchSending))
	b.handOver(t, id, 2, 3, 4, 5)
	b.settleRow(t, id, 2, notification.StatusDelivered, notification.ReasonIODelivered)
	b.settleRow(t, id, 3, notification.StatusDelivered, notification.ReasonSMSDelivered)
	b.settleRow(t, id, 5, notification.StatusNotDelivered, notification.ReasonIOProfileNotFound)

	return id
}

func TestACorrectionGoesToThoseWhoHaveTheMessage(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		open bool
		want []string
	}{
		"those who have it":          {false, []string{"Ada", "Bruno"}},
		"and those who will have it": {true, []string{"Ada", "Bruno", "Carla"}},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.wrongBatch(t)
		template := b.taxTemplate(t, store)

		for name, c := range cases {
			made, err := b.CorrectBatch(t.Context(), support(), id, gateway.CorrectionWish{TemplateID: template.ID, Open: c.open})
			require.NoError(t, err, name)
			require.Equal(t, notification.BatchChecking, made.Status, "nothing is sent before it is confirmed")
			require.Equal(t, "Rettifica: "+b.storedBatch(t, id).Name, made.Name)
			require.Equal(t, id, made.Links.Corrects.ID)

			file := string(b.fileOf(t, made.ID))
			lines := strings.Split(strings.TrimSpace(file), "\n")
			require.Equal(t, "codice_fiscale;cellulare;riferimento;valore_nome", lines[0])
			require.Len(t, lines, 1+len(c.want), name)

			for i, who := range c.want {
				require.Contains(t, lines[1+i], who)
				require.True(t, strings.HasPrefix(lines[1+i], taxpayer(i+2)+";"+phone+";"), lines[1+i])
			}
		}

		original, err := b.Batch(t.Context(), support(), id)
		require.NoError(t, err)
		require.Len(t, original.Links.Corrections, 2)
		require.Equal(t, gateway.Audience{Delivered: 2, Open: 1}, original.Links.Audience)

		noted := b.audited(t, "batch.correct")
		require.Len(t, noted, 2)
		require.Equal(t, id, noted[0].ObjectID)
		require.Equal(t, original.Links.Corrections[1].ID, noted[0].Detail["correction"])
	})
}

func TestCorrectionsThatAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		id := b.wrongBatch(t)
		wish := gateway.CorrectionWish{TemplateID: b.taxTemplate(t, store).ID}

		_, err := b.CorrectBatch(t.Context(), b.user(gateway.RoleOperator), id, wish)
		require.ErrorIs(t, err, gateway.ErrForbidden)
		_, err = b.CorrectBatch(t.Context(), newTenant(t, store).user(gateway.RoleAdministrator), id, wish)
		require.ErrorIs(t, err, gateway.ErrNotFound)
		_, err = b.CorrectBatch(t.Context(), support(), b.draft(t, goodRow(t, 2, "Ada")), wish)
		require.ErrorIs(t, err, gateway.ErrState, "nobody has anything yet")
		_, err = b.CorrectBatch(t.Context(), support(), id, gateway.CorrectionWish{TemplateID: newID(t)})
		requireFields(t, err, map[string]string{"template_id": "unknown"})

		other := b.taxTemplate(t, store)
		other.ID, other.Italian.Markdown = newID(t), strings.Replace(other.Italian.Markdown, "Comune", "Comune di ((comune))", 1)
		require.NoError(t, store.CreateTemplate(t.Context(), other))

		_, err = b.CorrectBatch(t.Context(), support(), id, gateway.CorrectionWish{TemplateID: other.ID})
		requireFields(t, err, map[string]string{"template_id": "placeholders"})
		require.Empty(t, b.audited(t, "batch.correct"))
	})
}
