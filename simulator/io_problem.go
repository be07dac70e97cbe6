package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// ioProblem is the body that IO's functions answer errors with.
type ioProblem struct {
	Detail string `json:"detail"`
	Status int    `json:"status"`
	Title  string `json:"title"`
}

func answerProblem(c echo.Context, status int, title, detail string) error {
	body, err := json.Marshal(ioProblem{Detail: detail, Status: status, Title: title})
	if err != nil {
		return fmt.Errorf("encoding a problem: %w", err)
	}

	if err := c.Blob(status, "application/problem+json; charset=utf-8", body); err != nil {
		return fmt.Errorf("answering a problem: %w", err)
	}

	return nil
}

func answerInternalError(c echo.Context) error {
	return answerProblem(c, http.StatusInternalServerError, "Internal server error", "Query error (simulated)")
}

func answerNotAllowed(c echo.Context, detail string) error {
	return answerProblem(c, http.StatusForbidden, "You are not allowed here", detail)
}

func answerRecipientForbidden(c echo.Context) error {
	return answerProblem(c, http.StatusForbidden, "Recipient forbidden", "You are not allowed to issue requests for the recipient.")
}

// answerBadGateway is what an intermediary says that lost the answer of the function behind it.
func answerBadGateway(c echo.Context) error {
	return c.HTML(http.StatusBadGateway, "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>")
}
