package batch

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldName makes names equal that people take for the same: Codice Fiscale, codice_fiscale, CODICE-FISCALE.
func foldName(name string) string {
	var folded strings.Builder

	for _, r := range norm.NFKD.String(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			folded.WriteRune(unicode.ToLower(r))
		}
	}

	return folded.String()
}

// knownNames lists the names that each field's column goes by, folded, the clearest first: of two columns that could hold
// the phone the one called cellulare does.
func knownNames() map[Field][]string {
	return map[Field][]string{
		FieldFiscalCode: {
			"codicefiscale", "cf", "codfiscale", "codfisc", "fiscalcode", "taxcode", "cfdestinatario", "codicefiscaledestinatario",
			"cfdebitore", "codicefiscaledebitore", "cfcontribuente", "codicefiscalecontribuente", "cfcittadino", "codicefiscalecittadino",
			"recipientfiscalcode",
		},
		FieldPhone: {
			"cellulare", "cell", "mobile", "numerocellulare", "ncellulare", "numcellulare", "telefonocellulare", "telefonomobile",
			"mobilephone", "telefono", "tel", "phone", "phonenumber", "numerotelefono", "numeroditelefono", "recipientphone", "sms",
		},
		FieldReference: {
			"riferimento", "externalreference", "idpratica", "numeropratica", "npratica", "riferimentopratica", "reference",
			"riferimentoesterno",
		},
		FieldDueDate: {"scadenza", "datascadenza", "datadiscadenza", "duedate"},
		FieldNoticeNumber: {
			"numeroavviso", "codiceavviso", "navviso", "numavviso", "codavviso", "noticenumber", "numeroavvisopagopa",
			"codiceavvisopagopa", "numeroavvisodipagamento", "codiceavvisodipagamento",
		},
		FieldAmountEuro:  {"importoeuro", "importoineuro", "importo", "amounteuro", "amount", "importodovuto", "importototale"},
		FieldAmountCents: {"importocentesimi", "importoincentesimi", "importocents", "amountcents", "amountincents", "centesimi"},
		FieldInvalidAfter: {
			"invalidafterduedate", "invalidaftedduedate",
			"nonvalidodopolascadenza", "nonvalidodoposcadenza", "nonpagabiledoposcadenza",
		},
		FieldPayee: {
			"cfentecreditore", "codicefiscaleentecreditore", "cfente", "payeefiscalcode", "payeetaxcode", "payee", "entecreditore",
		},
		FieldSendAt: {"datainvio", "datadiinvio", "inviodal", "sendat", "expeditiondate", "dataspedizione"},
	}
}

// rankOf is how clearly a folded header names a field: 0 is the clearest, -1 not at all.
func rankOf(folded string, names []string) int {
	for rank, name := range names {
		if name == folded {
			return rank
		}
	}

	return -1
}
