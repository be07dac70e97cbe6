package batch

import "github.com/genio-gateway/genio/fiscalcode"

func structureText(code string) sentence {
	switch code {
	case issueRequired:
		return sentence{
			"The cell is empty: fill it in.",
			"La cella è vuota: compilarla.",
		}
	case issueQuotes:
		return sentence{
			"The row's quotation marks do not match: close them, or write two for one in a text.",
			"Le virgolette della riga non sono bilanciate: chiuderle, oppure raddoppiare quelle dentro il testo.",
		}
	case issueTooManyCells:
		return sentence{
			"The row has more cells than there are columns: put a text that holds the separator in quotation marks.",
			"La riga ha più celle delle colonne: racchiudere tra virgolette il testo che contiene il separatore.",
		}
	case issueEncoding:
		return sentence{
			"A character was lost in an earlier conversion: write the text again.",
			"Un carattere è andato perso in una conversione precedente: riscrivere il testo.",
		}
	case issueControls:
		return sentence{
			"The row holds invisible control characters: write the cell again.",
			"La riga contiene caratteri di controllo invisibili: riscrivere la cella.",
		}
	case issueFormulaError:
		return sentence{
			"The cell shows an error of its formula, such as #N/A: correct the formula or write the value.",
			"La cella contiene un errore di formula, ad esempio #N/D: correggere la formula o scrivere il valore.",
		}
	case issueScientific:
		return sentence{
			"A spreadsheet turned the value into scientific notation, such as 3,33E+09: format the column as text and write it again.",
			"Un foglio di calcolo ha trasformato il valore in notazione scientifica (3,33E+09): formattare la colonna come testo e riscriverlo.",
		}
	case issuePrecision:
		return sentence{
			"Excel keeps 15 digits of a number and has changed the others: format the column as text and write the value again.",
			"Excel conserva solo 15 cifre di un numero e ha modificato le altre: formattare la colonna come testo e riscrivere il valore.",
		}
	}

	return sentence{}
}

func dateText(code string) sentence {
	switch code {
	case issueDateFormat:
		return sentence{
			"This is no date: write it as 31/12/2026 or 2026-12-31.",
			"Non è una data: scriverla come 31/12/2026 o 2026-12-31.",
		}
	case issueDateMonthFirst:
		return sentence{
			"The month stands before the day, as in the United States: write 31/12/2026, and check the other dates of the column.",
			"Il mese precede il giorno, come negli Stati Uniti: scrivere 31/12/2026 e controllare le altre date della colonna.",
		}
	case issueDateShortYear:
		return sentence{
			"The year has two digits: write all four.",
			"L'anno ha solo due cifre: scriverle tutte e quattro.",
		}
	case issueDateSerial:
		return sentence{
			"The cell holds Excel's number of a day in place of the date: format the column as a date and export again.",
			"La cella contiene il numero interno di Excel al posto della data: formattare la colonna come data ed esportare di nuovo.",
		}
	case issueDateMissingDay:
		return sentence{
			"The calendar has no such day, or the clock no such time: correct it.",
			"Il giorno o l'ora non esiste: correggere la data.",
		}
	case issueDateRange:
		return sentence{
			"The date must lie between the years 2000 and 2099: correct it.",
			"La data deve essere compresa tra gli anni 2000 e 2099: correggerla.",
		}
	case issueSendTooLate:
		return sentence{
			"The sending date is more than one year ahead: choose an earlier one.",
			"La data di invio è oltre un anno nel futuro: sceglierne una precedente.",
		}
	}

	return sentence{}
}

func amountText(code string) sentence {
	switch code {
	case issueAmountFormat:
		return sentence{
			"This is no amount: write it as 1234,56.",
			"Non è un importo: scriverlo come 1234,56.",
		}
	case issueAmountAmbiguous:
		return sentence{
			"One separator and three digits may be thousands or decimals: write 1234,00 or 1,23.",
			"Un separatore seguito da tre cifre può indicare le migliaia o i decimali: scrivere 1234,00 oppure 1,23.",
		}
	case issueAmountDecimals:
		return sentence{
			"The amount has more than two decimals: round it to cents.",
			"L'importo ha più di due decimali: arrotondarlo ai centesimi.",
		}
	case issueAmountNegative:
		return sentence{
			"The amount is negative: a notice asks for a positive one.",
			"L'importo è negativo: un avviso richiede un importo positivo.",
		}
	case issueAmountZero:
		return sentence{
			"The amount is zero: remove the row or correct the amount.",
			"L'importo è zero: eliminare la riga o correggere l'importo.",
		}
	case issueAmountOutOfRange:
		return sentence{
			"The amount is above 99,999,999.99 euro, the most that IO takes: correct it.",
			"L'importo supera 99.999.999,99 euro, il massimo ammesso da IO: correggerlo.",
		}
	case issueAmountCents:
		return sentence{
			"Cents are whole numbers without separators, such as 123456 for 1,234.56 euro: correct the cell, or choose euro for the column.",
			"I centesimi sono numeri interi, ad esempio 123456 per 1.234,56 euro: correggere la cella o scegliere euro per la colonna.",
		}
	case issueAboveCeiling:
		return sentence{
			"The amount is above the highest that the service may ask for on IO: correct it, or have the ceiling raised.",
			"L'importo supera il massimo che il servizio può richiedere su IO: correggerlo o far aumentare il massimale.",
		}
	case issuePaymentsDisabled:
		return sentence{
			"The service may not send payment notices: have payments enabled, or do not use the column.",
			"Il servizio non è abilitato agli avvisi di pagamento: farlo abilitare o non usare la colonna.",
		}
	}

	return sentence{}
}

func codeText(code string) sentence {
	switch code {
	case issueNoticeFormat:
		return sentence{
			"The notice number has 18 digits, the first from 0 to 3: copy it from the notice.",
			"Il numero avviso ha 18 cifre, la prima da 0 a 3: copiarlo dall'avviso.",
		}
	case issueNoticeLength:
		return sentence{
			"The notice number lacks digits, perhaps zeros at its beginning: format the column as text and write all 18.",
			"Al numero avviso mancano cifre, forse gli zeri iniziali: formattare la colonna come testo e scriverle tutte e 18.",
		}
	case issueBoolean:
		return sentence{
			"Write yes or no.",
			"Scrivere sì o no.",
		}
	case issuePayeeFormat:
		return sentence{
			"The payee's fiscal code has 11 digits: correct it, or leave the cell empty for your own.",
			"Il codice fiscale dell'ente creditore ha 11 cifre: correggerlo, o lasciare vuota la cella per indicare il proprio.",
		}
	case issuePayeeCheckDigit:
		return sentence{
			"The last digit of the payee's fiscal code does not match the others: correct it.",
			"L'ultima cifra del codice fiscale dell'ente creditore non corrisponde alle altre: correggerlo.",
		}
	case issueReferenceTooLong:
		return sentence{
			"The reference has more than 100 characters: shorten it.",
			"Il riferimento supera i 100 caratteri: abbreviarlo.",
		}
	case issueReferenceLine:
		return sentence{
			"The reference must be one line: remove the line breaks.",
			"Il riferimento deve stare su una riga: togliere gli a capo.",
		}
	case issueReferencePersonal:
		return sentence{
			"The reference holds a codice fiscale or the phone number: use the document's own number.",
			"Il riferimento contiene un codice fiscale o il numero di telefono: usare il numero della pratica.",
		}
	}

	return fiscalCodeText(code)
}

// fiscalCodeText adds what to do to the words of the rule itself.
func fiscalCodeText(code string) sentence {
	rule := fiscalcode.RuleError(code)

	switch rule {
	case fiscalcode.ErrLength, fiscalcode.ErrCharacters, fiscalcode.ErrMonth, fiscalcode.ErrDay, fiscalcode.ErrCheckCharacter,
		fiscalcode.ErrProvisionalCheckDigit, fiscalcode.ErrProvisionalSerial:
		return sentence{
			"Not valid: " + rule.Error() + ". Compare it with the person's card.",
			"Non valido: " + rule.Messaggio() + ". Confrontarlo con la tessera della persona.",
		}
	}

	return sentence{}
}

func phoneText(code string) sentence {
	switch code {
	case issuePhoneCharacters:
		return sentence{
			"Only one number fits, of digits, spaces and a leading +: correct it, or empty the cell.",
			"È ammesso un solo numero, con cifre, spazi e un + iniziale: correggerlo o svuotare la cella.",
		}
	case issuePhoneInvalid:
		return sentence{
			"No number of its country looks like this: correct it, or empty the cell.",
			"Nel suo Paese non esiste un numero così: correggerlo o svuotare la cella.",
		}
	case issuePhoneNotMobile:
		return sentence{
			"This is not a mobile, and no SMS reaches it: write a mobile, or empty the cell.",
			"Non è un cellulare e un SMS non può raggiungerlo: indicare un cellulare o svuotare la cella.",
		}
	case issuePhoneForeign:
		return sentence{
			"Foreign numbers are not allowed: write an Italian one, or empty the cell.",
			"I numeri esteri non sono ammessi: indicarne uno italiano o svuotare la cella.",
		}
	}

	return sentence{}
}

func contentText(code string) sentence {
	switch code {
	case issueValueTooLong:
		return sentence{
			"The value has more than 10,000 characters: shorten it.",
			"Il valore supera i 10.000 caratteri: abbreviarlo.",
		}
	case issueContent:
		return sentence{
			"With this row's values the message breaks a rule of IO: look at its preview.",
			"Con i valori di questa riga il messaggio viola una regola di IO: controllare l'anteprima.",
		}
	case issueSubjectTooShort, issueSubjectBlank:
		return sentence{
			"With this row's values the subject has fewer than 10 characters: complete the values or the template.",
			"Con i valori di questa riga l'oggetto ha meno di 10 caratteri: completare i valori o il modello.",
		}
	case issueSubjectTooLong:
		return sentence{
			"With this row's values the subject has more than 120 characters: shorten the values or the template.",
			"Con i valori di questa riga l'oggetto supera i 120 caratteri: abbreviare i valori o il modello.",
		}
	case issueMarkdownTooShort, issueMarkdownBlank:
		return sentence{
			"With this row's values the message has fewer than 80 characters: complete the values or the template.",
			"Con i valori di questa riga il messaggio ha meno di 80 caratteri: completare i valori o il modello.",
		}
	case issueMarkdownTooLong:
		return sentence{
			"With this row's values the message has more than 10,000 characters: shorten the values or the template.",
			"Con i valori di questa riga il messaggio supera i 10.000 caratteri: abbreviare i valori o il modello.",
		}
	case issueSMSTooLong:
		return sentence{
			"With this row's values the SMS has more than 1,600 characters: shorten the values or the template.",
			"Con i valori di questa riga l'SMS supera i 1.600 caratteri: abbreviare i valori o il modello.",
		}
	case issueSMSBlank:
		return sentence{
			"With this row's values the SMS has no text: complete the values or the template.",
			"Con i valori di questa riga l'SMS è vuoto: completare i valori o il modello.",
		}
	}

	return sentence{}
}

func repairText(code string) sentence {
	switch code {
	case repairZeros:
		return sentence{
			"Zeros that a spreadsheet had dropped were put back; the check digits prove them. Nothing to do.",
			"Sono stati ripristinati gli zeri iniziali tolti da un foglio di calcolo; le cifre di controllo lo confermano. Non occorre fare nulla.",
		}
	case repairDecimal:
		return sentence{
			"A decimal zero that a spreadsheet had added to a code was removed. Nothing to do.",
			"È stato tolto lo zero decimale che un foglio di calcolo aveva aggiunto a un codice. Non occorre fare nulla.",
		}
	case repairQuoting:
		return sentence{
			"An apostrophe or formula that only protected the value from a spreadsheet was removed. Nothing to do.",
			"È stato tolto l'apostrofo o la formula che serviva solo a proteggere il valore dal foglio di calcolo. Non occorre fare nulla.",
		}
	case repairPastSendAt:
		return sentence{
			"The sending date has passed: the row is sent with the batch.",
			"La data di invio è passata: la riga viene inviata con il lotto.",
		}
	}

	return sentence{}
}
