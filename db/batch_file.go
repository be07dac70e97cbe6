package db

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// chunkRow is a piece of an uploaded file.
type chunkRow struct {
	BatchID string `gorm:"primaryKey"`
	Number  int    `gorm:"primaryKey;autoIncrement:false"`
	Data    []byte
}

// TableName is GORM's hook.
func (chunkRow) TableName() string { return "batch_chunks" }

// partID identifies a numbered part of a batch, for the encryption that is bound to it.
func partID(batchID string, number int) string { return batchID + "/" + strconv.Itoa(number) }

// AddBatchChunk keeps the next piece of a batch's file, encrypted. Pieces are numbered from 0. [ErrConflict] where the
// file is whole already.
func (s *Store) AddBatchChunk(ctx context.Context, batchID string, number int, data []byte) error {
	const doing = "keeping a piece of a file"

	if err := checkIDs(batchID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	sealed, err := s.keys.sealBytes(columnChunk, partID(batchID, number), data)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		batch, err := lockBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}

		if !batch.uploading() {
			return fmt.Errorf("the file is whole: %w", ErrConflict)
		}

		row := chunkRow{BatchID: batchID, Number: number, Data: sealed}

		return reduce("adding the piece", gorm.G[chunkRow](tx).Create(ctx, &row))
	})
}

// uploading tells whether the file is not whole yet.
func (r batchRow) uploading() bool {
	return r.Status == notification.BatchChecking && r.QueuedAt == nil
}

// UploadedBatch tells that the file is whole: from now on it waits for its check. [ErrConflict] where it was told before.
func (s *Store) UploadedBatch(ctx context.Context, batchID string, size int64) error {
	return s.changeBatch(ctx, "ending an upload", batchID, func(row *batchRow) error {
		if !row.uploading() {
			return fmt.Errorf("the file is whole: %w", ErrConflict)
		}

		s.endUpload(row, size)

		return nil
	})
}

func (s *Store) endUpload(row *batchRow, size int64) {
	now := s.now()
	row.FileSize, row.CheckDue, row.QueuedAt = size, true, &now
}

// OpenBatchFile reads a batch's file from its beginning, piece by piece. [ErrNotFound] where it was forgotten,
// [ErrConflict] where it is not whole yet. A reading in whose midst it is forgotten gives [ErrNotFound], not an end.
func (s *Store) OpenBatchFile(ctx context.Context, batchID string) (io.ReadCloser, error) {
	const doing = "opening a batch's file"

	batch, err := batchOf(ctx, s.gorm, batchID)
	if err != nil {
		return nil, reduce(doing, err)
	}

	if batch.uploading() {
		return nil, fmt.Errorf("%s: the upload has not ended: %w", doing, ErrConflict)
	}

	file := &batchFile{left: batch.FileSize, piece: func(number int) ([]byte, error) { return s.chunk(ctx, batchID, number) }}
	if batch.FileSize == 0 {
		return file, nil
	}

	if err := file.turn(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}

	return file, nil
}

func (s *Store) chunk(ctx context.Context, batchID string, number int) ([]byte, error) {
	row, err := gorm.G[chunkRow](s.gorm).Where("batch_id = ? AND number = ?", batchID, number).Take(ctx)
	if err != nil {
		return nil, reduce("reading a piece of a file", err)
	}

	return s.keys.unsealBytes(columnChunk, partID(batchID, number), row.Data)
}

// batchFile holds one piece of a file at a time.
type batchFile struct {
	piece  func(number int) ([]byte, error)
	number int // of the next piece
	rest   []byte
	left   int64 // bytes of the file that were not read yet
}

// Read gives the next bytes of the file.
func (f *batchFile) Read(target []byte) (int, error) {
	for len(f.rest) == 0 {
		if f.left <= 0 {
			return 0, io.EOF
		}

		if err := f.turn(); err != nil {
			return 0, err
		}
	}

	read := copy(target, f.rest)
	f.rest = f.rest[read:]
	f.left -= int64(read)

	return read, nil
}

// turn takes the next piece.
func (f *batchFile) turn() (err error) {
	f.rest, err = f.piece(f.number)
	f.number++

	return err
}

// Close lets the file go.
func (f *batchFile) Close() error {
	f.rest, f.left = nil, 0

	return nil
}
