package gateway

import "github.com/genio-gateway/genio/batch"

// headerUnder is the Italian header under which a field is recognised; empty where a column is not used.
func headerUnder(field batch.Field) string {
	if placeholder, ok := field.Placeholder(); ok {
		return placeholder
	}

	return map[batch.Field]string{
		batch.FieldFiscalCode:   "codice_fiscale",
		batch.FieldPhone:        "telefono",
		batch.FieldReference:    "riferimento",
		batch.FieldDueDate:      "scadenza",
		batch.FieldNoticeNumber: "numero_avviso",
		batch.FieldAmountEuro:   "importo",
		batch.FieldAmountCents:  "importo_centesimi",
		batch.FieldInvalidAfter: "non_valido_dopo_la_scadenza",
		batch.FieldPayee:        "cf_ente_creditore",
		batch.FieldSendAt:       "data_invio",
	}[field]
}
