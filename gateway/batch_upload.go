package gateway

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	maxBatchName = 100 // characters
	maxFileName  = 255 // bytes
	// chunkSize is how much of a file is in memory at once.
	chunkSize = 256 << 10
	// maxUnsent is how many files of an Ente may wait for somebody to send or to discard them: each may have 50 MiB, and
	// the database is everybody's.
	maxUnsent = 100
	// uploadsAtOnce is how many files of an Ente a process takes in at the same time: each may come as slowly as a slow line.
	uploadsAtOnce = 8
	// removalPatience is for taking back an upload whose request is over.
	removalPatience = 10 * time.Second
)

// UploadBatch takes a file in, piece by piece, and has it checked in the background. Nothing of it is sent before it is
// confirmed. ErrTooMany where several of the Ente's files are on their way already.
func (g *Gateway) UploadBatch(ctx context.Context, actor Actor, upload BatchUpload) (BatchView, error) {
	if !actor.MayChange() {
		return BatchView{}, ErrForbidden
	}

	created, err := g.uploadedBatch(ctx, actor, upload)
	if err != nil {
		return BatchView{}, err
	}

	end, err := g.uploads.Begin(created.Batch.EnteID)
	if err != nil {
		return BatchView{}, err
	}
	defer end()

	if _, _, err := g.Store.CreateBatch(ctx, created); err != nil {
		return BatchView{}, storeError("storing the batch", err)
	}

	id, err := g.takeFileWithinBounds(ctx, actor, created.Batch, upload)
	if id != created.Batch.ID {
		// It did not come whole, or was uploaded before.
		g.removeUpload(ctx, created.Batch.ID)
	}

	if err != nil {
		return BatchView{}, err
	}

	return g.Batch(ctx, actor, id)
}

// uploadedBatch checks everything that can be known before the file is read, and names every invalid field at once.
func (g *Gateway) uploadedBatch(ctx context.Context, actor Actor, upload BatchUpload) (db.NewBatch, error) {
	service, fields, err := g.uploadingService(ctx, actor, upload)
	if err != nil {
		return db.NewBatch{}, err
	}

	template, unusable, err := g.uploadingTemplate(ctx, service.EnteID, upload)
	if err != nil {
		return db.NewBatch{}, err
	}

	name := batchName(upload)
	fields = slices.Concat(fields, unusable, g.checkBatchName(name), g.checkFileName(upload, name), checkUpload(upload))

	if template.ID != "" {
		fields = append(fields, checkColumns(upload.Columns, template)...)
	}

	if err := fields.OrNil(); err != nil {
		return db.NewBatch{}, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return db.NewBatch{}, fmt.Errorf("making an id: %w", err)
	}

	layout, err := knownLayout(upload.Columns)
	if err != nil {
		return db.NewBatch{}, err
	}

	return db.NewBatch{
		Layout: layout,
		Batch: notification.Batch{
			ID: id.String(), EnteID: service.EnteID, ServiceID: service.ID,
			TemplateID: template.ID, TemplateVersion: template.Version,
			Name: name, FileName: baseName(upload.FileName),
			Status: notification.BatchChecking, Check: 1,
			Priority:  cmp.Or(upload.Priority, notification.PriorityBulk),
			CreatedBy: actor.ID, CreatedAt: time.Now().UTC(),
		},
	}, nil
}

// uploadingService is the service that the batch is for; fields say why it cannot be.
func (g *Gateway) uploadingService(
	ctx context.Context, actor Actor, upload BatchUpload,
) (service notification.Service, fields notification.FieldErrors, err error) {
	service, err = g.sendingService(ctx, actor, upload.ServiceID)
	if fields, ok := errors.AsType[notification.FieldErrors](err); ok {
		return service, fields, nil
	}

	return service, nil, err
}

// uploadingTemplate is the template that the batch is made of; fields say why it cannot be. Without a service there is no
// Ente whose templates to look among.
func (g *Gateway) uploadingTemplate(
	ctx context.Context, enteID string, upload BatchUpload,
) (template notification.Template, fields notification.FieldErrors, err error) {
	if enteID == "" {
		return template, nil, nil
	}

	template, err = g.usableTemplate(ctx, enteID, upload.TemplateID, upload.TemplateVersion)
	if fields, ok := errors.AsType[notification.FieldErrors](err); ok {
		return template, fields, nil
	}

	return template, nil, err
}

// batchName is what the Ente calls the batch, or else the file's name without its ending.
func batchName(upload BatchUpload) string {
	if name := strings.TrimSpace(upload.Name); name != "" {
		return name
	}

	name := baseName(upload.FileName)
	name = strings.TrimSpace(strings.TrimSuffix(name, path.Ext(name)))

	return firstCharacters(name, maxBatchName)
}

// baseName is a file's name without its folders, of whatever system, and without what no database can keep.
func baseName(name string) string {
	name = strings.ToValidUTF8(name[strings.LastIndexAny(name, `/\`)+1:], "")
	name = strings.Map(func(r rune) rune {
		if oneLine(string(r)) {
			return r
		}

		return -1
	}, name)

	for len(name) > maxFileName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}

	return name
}

func firstCharacters(text string, count int) string {
	characters := []rune(text)

	return string(characters[:min(count, len(characters))])
}

func (g *Gateway) checkBatchName(name string) notification.FieldErrors {
	field := notification.FieldError{Field: "name"}

	switch {
	case name == "":
		field.Code, field.Message, field.Messaggio = "required", "a batch needs a name", "serve un nome per l'invio"
	case utf8.RuneCountInString(name) > maxBatchName:
		field.Code = "too_long"
		field.Message = fmt.Sprintf("at most %d characters", maxBatchName)
		field.Messaggio = fmt.Sprintf("al massimo %d caratteri", maxBatchName)
	case !oneLine(name):
		field.Code = "characters"
		field.Message = "valid UTF-8 without control characters"
		field.Messaggio = "UTF-8 valido, senza caratteri di controllo"
	case g.namesCitizen(name, ""):
		field.Code = codePersonalData
		field.Message = "no codice fiscale: the name is shown in lists"
		field.Messaggio = "niente codice fiscale: il nome compare negli elenchi"
	default:
		return nil
	}

	return notification.FieldErrors{field}
}

// checkFileName keeps people out of a name that is stored in clear and shown beside the batch's own. Where that is made
// of it, it has been looked at.
func (g *Gateway) checkFileName(upload BatchUpload, name string) notification.FieldErrors {
	fileName := baseName(upload.FileName)
	if name == batchName(BatchUpload{FileName: fileName}) || !g.namesCitizen(fileName, "") {
		return nil
	}

	return notification.FieldErrors{{
		Field: "file", Code: codePersonalData,
		Message:   "no codice fiscale in the file's name: it is shown with the batch",
		Messaggio: "niente codice fiscale nel nome del file: compare insieme all'invio",
	}}
}

func checkUpload(upload BatchUpload) notification.FieldErrors {
	var fields notification.FieldErrors

	if upload.Priority != "" && !upload.Priority.Valid() {
		fields = append(fields, notification.FieldError{
			Field: "priority", Code: codeUnknown,
			Message: "one of urgent, normal, bulk", Messaggio: "uno tra urgent, normal, bulk",
		})
	}

	return append(fields, checkKey(upload.IdempotencyKey)...)
}

// checkColumns names no header: it may be anything.
func checkColumns(columns map[string]batch.Field, template notification.Template) notification.FieldErrors {
	errs := batch.KnownColumns(columns).Check(batch.Wanted{Placeholders: template.Placeholders()})
	if len(errs) == 0 {
		return nil
	}

	return notification.FieldErrors{{
		Field: "columns", Code: errs[0].Code,
		Message:   "a column is given a field that there is not, or that another column has",
		Messaggio: "a una colonna è assegnato un campo che non esiste o che è già di un'altra",
	}}
}

// knownLayout keeps what an application said of the columns.
func knownLayout(columns map[string]batch.Field) (json.RawMessage, error) {
	if len(columns) == 0 {
		return nil, nil
	}

	return encodeLayout(batch.KnownColumns(columns))
}

func encodeLayout(layout batch.Layout) (json.RawMessage, error) {
	encoded, err := json.Marshal(layout)
	if err != nil {
		return nil, fmt.Errorf("encoding a layout: %w", err)
	}

	return encoded, nil
}

// takeFileWithinBounds counts the batch itself, too: of uploads at the same time none passes the bound unseen.
func (g *Gateway) takeFileWithinBounds(
	ctx context.Context, actor Actor, b notification.Batch, upload BatchUpload,
) (id string, err error) {
	unsent, err := g.Store.UnsentBatches(ctx, b.EnteID)

	switch {
	case err != nil:
		return "", storeError("counting what was not sent", err)
	case unsent > maxUnsent:
		return "", invalid("file", "too_many",
			fmt.Sprintf("%d batches are neither sent nor discarded: discard those that are not needed", maxUnsent),
			fmt.Sprintf("%d invii non sono né confermati né eliminati: eliminare quelli che non servono", maxUnsent))
	}

	return g.takeFile(ctx, actor, b, upload)
}

// takeFile stores the file and gives the batch that it now belongs to: this one, or an earlier one of the same upload.
func (g *Gateway) takeFile(ctx context.Context, actor Actor, b notification.Batch, upload BatchUpload) (id string, err error) {
	size, hash, err := g.storeFile(ctx, b.ID, upload.File)
	if err != nil {
		return "", err
	}

	request, err := uploadHash(upload, hash)
	if err != nil {
		return "", err
	}

	// Only now is it known whether the file is that of an earlier upload, too.
	earlier, err := g.noteUpload(ctx, actor, b, func(store *db.Store) (string, error) {
		return store.FinishUpload(ctx, b.ID, size, upload.IdempotencyKey, request)
	})

	switch {
	case errors.Is(err, db.ErrConflict):
		return "", ErrIdempotencyConflict
	case err != nil:
		return "", storeError("noting that the file is whole", err)
	case earlier != "":
		return earlier, nil
	}

	g.Starter.OfferBatch(stepOf(b, db.BatchStepCheck))

	return b.ID, nil
}

// noteUpload notes that a file is whole, unless it turns out to be an earlier upload's.
func (g *Gateway) noteUpload(
	ctx context.Context, actor Actor, b notification.Batch, finish func(*db.Store) (earlier string, err error),
) (earlier string, err error) {
	err = g.Store.Together(ctx, func(store *db.Store) error {
		if earlier, err = finish(store); err != nil || earlier != "" {
			return err
		}

		return storeError("noting the upload", store.Audit(ctx, batchAct("upload", b).entry(actor)))
	})

	return earlier, err
}

// storeFile never holds more than one piece of the file.
func (g *Gateway) storeFile(ctx context.Context, batchID string, file io.Reader) (size int64, hash []byte, err error) {
	digest := sha256.New()
	piece := make([]byte, chunkSize)

	for number := 0; ; number++ {
		read, whole, err := fill(piece, file)
		if err != nil {
			return 0, nil, fmt.Errorf("reading the uploaded file: %w", err)
		}

		if size += int64(read); size > batch.MaxBytes {
			return 0, nil, invalid("file", "too_large", "at most 50 MiB", "al massimo 50 MiB")
		}

		if read > 0 {
			digest.Write(piece[:read])

			if err := g.Store.AddBatchChunk(ctx, batchID, number, piece[:read]); err != nil {
				return 0, nil, storeError("storing a piece of the file", err)
			}
		}

		if whole {
			return size, digest.Sum(nil), requireSome(size)
		}
	}
}

// fill reads as much as fits. whole tells that the file ended as it should: an upload that breaks off says
// io.ErrUnexpectedEOF, which io.ReadFull says of any last piece.
func fill(piece []byte, file io.Reader) (read int, whole bool, err error) {
	for read < len(piece) {
		more, err := file.Read(piece[read:])
		read += more

		switch {
		case errors.Is(err, io.EOF):
			return read, true, nil
		case err != nil:
			return read, false, err //nolint:wrapcheck // wrapped by the only caller.
		}
	}

	return read, false, nil
}

func requireSome(size int64) error {
	if size > 0 {
		return nil
	}

	return invalid("file", "required", "the file is empty", "il file è vuoto")
}

// uploadHash tells a repeated upload from another one under the same key.
func uploadHash(upload BatchUpload, fileHash []byte) ([]byte, error) {
	encoded, err := json.Marshal([]any{
		upload.ServiceID, upload.TemplateID, upload.TemplateVersion, upload.Name, upload.FileName, upload.Priority,
		upload.Columns, fileHash,
	})
	if err != nil {
		return nil, errors.New("an upload that cannot be encoded")
	}

	hash := sha256.Sum256(encoded)

	return hash[:], nil
}

// removeUpload happens also after the request is gone. What it cannot remove can be discarded by hand.
func (g *Gateway) removeUpload(ctx context.Context, id string) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), removalPatience)
	defer done()

	if err := g.Store.RemoveUpload(ctx, id); err != nil {
		g.Log.Warn("upload not removed", zap.String("batch_id", id), zap.Error(err))
	}
}
