package appio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// networkFault names the kind of a network error and drops the error itself: a *url.Error holds the URL, in
// which IO wants the codice fiscale of a status call, and a protocol error quotes the bytes it stumbled over.
func networkFault(ctx context.Context, err error) error {
	// Not context.Cause: its text is the caller's own and could say anything.
	if ctx.Err() != nil {
		return ctx.Err() //nolint:wrapcheck // one of the two errors of package context, for callers to compare
	}

	kind := kindOfNetworkFault(err)

	errno, ok := errors.AsType[syscall.Errno](err)
	if ok {
		return fmt.Errorf("%w: %w", kind, errno)
	}

	return kind
}

func kindOfNetworkFault(err error) error {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return ErrNameNotResolved
	}

	if isTLSFault(err) {
		return ErrTLS
	}

	if operation, ok := errors.AsType[*net.OpError](err); ok && (operation.Op == "dial" || operation.Op == "proxyconnect") {
		return ErrConnect
	}

	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return ErrNetworkTimeout
	}

	return ErrExchangeBroken
}

func isTLSFault(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)

	return certificate || record || alert
}
