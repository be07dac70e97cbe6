package batch

func fileText(code string) sentence {
	switch code {
	case problemEmpty:
		return sentence{
			"The file is empty: export it again.",
			"Il file è vuoto: esportarlo di nuovo.",
		}
	case problemNoRows:
		return sentence{
			"The file has no rows with data below the names of its columns.",
			"Sotto i nomi delle colonne il file non ha righe con dati.",
		}
	case problemTooLarge:
		return sentence{
			"The file is larger than 50 MiB: divide it into several files.",
			"Il file supera i 50 MiB: dividerlo in più file.",
		}
	case problemTooManyRows:
		return sentence{
			"The file has more than 100,000 rows: divide it into several files.",
			"Il file ha più di 100.000 righe: dividerlo in più file.",
		}
	case problemTooManyColumns:
		return sentence{
			"The file has more than 200 columns: remove those that are not needed.",
			"Il file ha più di 200 colonne: eliminare quelle che non servono.",
		}
	case problemRowTooLong:
		return sentence{
			"A row is longer than 256 KiB: a quotation mark that opens a cell is probably never closed. Correct it from that row on.",
			"Una riga supera i 256 KiB: probabilmente le virgolette che aprono una cella non vengono chiuse. Correggerla a partire da quella riga.",
		}
	case problemQuotes:
		return sentence{
			"The quotation marks of a cell do not match and run into the following rows: close them, or write two for one in a text.",
			"Le virgolette di una cella non sono bilanciate e inglobano le righe seguenti: chiuderle, oppure raddoppiare quelle dentro il testo.",
		}
	case problemMixedEncodings:
		return sentence{
			"Parts of the file are in UTF-8 and parts in Windows-1252: export it again in one of the two.",
			"Il file è in parte in UTF-8 e in parte in Windows-1252: esportarlo di nuovo con una sola codifica.",
		}
	case ProblemTemplate:
		return sentence{
			"The template breaks a rule that came after it: open it, save a new version, and upload the file again.",
			"Il modello non rispetta una regola introdotta dopo: aprirlo, salvarne una nuova versione e caricare di nuovo il file.",
		}
	case problemUnknownColumn:
		return sentence{
			"A column that the request names is not in the file: compare the names with the first row.",
			"Una colonna indicata nella richiesta non c'è nel file: confrontare i nomi con la prima riga.",
		}
	}

	return formatText(code)
}

func formatText(code string) sentence {
	switch code {
	case problemUnknownFormat:
		return sentence{
			"The file is neither CSV nor Excel: save it as .xlsx or as CSV.",
			"Il file non è né CSV né Excel: salvarlo come .xlsx o come CSV.",
		}
	case problemXLS:
		return sentence{
			"The file is in Excel's old format (.xls or .xlsb): save it as .xlsx.",
			"Il file è in un formato Excel non supportato (.xls o .xlsb): salvarlo come .xlsx.",
		}
	case problemODS:
		return sentence{
			"The file is an OpenDocument spreadsheet: save it as .xlsx or as CSV.",
			"Il file è un foglio OpenDocument: salvarlo come .xlsx o come CSV.",
		}
	case problemPDF:
		return sentence{
			"The file is a PDF: export the table as .xlsx or as CSV.",
			"Il file è un PDF: esportare la tabella come .xlsx o come CSV.",
		}
	case problemHTML:
		return sentence{
			"The file is a web page, whatever its name says: open it in Excel and save it as .xlsx.",
			"Il file è una pagina web, qualunque sia il suo nome: aprirlo con Excel e salvarlo come .xlsx.",
		}
	case problemEncrypted:
		return sentence{
			"The file is protected by a password: save it without one.",
			"Il file è protetto da password: salvarlo senza password.",
		}
	case problemBroken:
		return sentence{
			"The Excel file is damaged: open it in Excel and save it again.",
			"Il file Excel è danneggiato: aprirlo con Excel e salvarlo di nuovo.",
		}
	case problemBomb:
		return sentence{
			"The Excel file unpacks to more than can be read: copy the rows alone into a new file, or save it as CSV.",
			"Il file Excel, una volta decompresso, è troppo grande: copiare le sole righe in un file nuovo, oppure salvarlo come CSV.",
		}
	case problemNoSheet:
		return sentence{
			"The Excel file has no such sheet: upload it again.",
			"Il foglio indicato non esiste nel file Excel: caricare di nuovo il file.",
		}
	}

	return sentence{}
}
