package simulator

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// newULID makes a message id like IO's: 48 bits of time in milliseconds and 80 random bits, in Crockford's base 32.
func newULID(now time.Time) string {
	const (
		bitsInByte  = 8
		timeBytes   = 6
		ulidBytes   = 16
		ulidLength  = 26
		paddedBytes = 20 // base 32 without padding characters; 26 digits hold 130 bits, so 2 leading zero bits
		unusedHigh  = 2
	)

	var raw [ulidBytes]byte

	var milliseconds [8]byte

	binary.BigEndian.PutUint64(milliseconds[:], uint64(now.UnixMilli()))
	copy(raw[:timeBytes], milliseconds[8-timeBytes:])
	_, _ = rand.Read(raw[timeBytes:]) // never fails: the runtime ends the process instead

	// Base 32 takes bits from the left; a ULID is aligned to the right, so shift the value by the two unused bits.
	var shifted [paddedBytes]byte

	carry := byte(0)
	for i, b := range raw {
		shifted[i] = carry | b>>unusedHigh
		carry = b << (bitsInByte - unusedHigh)
	}

	shifted[ulidBytes] = carry
	crockford := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

	return crockford.EncodeToString(shifted[:])[:ulidLength]
}
