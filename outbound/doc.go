// Package outbound makes clients for addresses that people enter: an Ente's webhook, the issuer of an OpenID provider. Whoever
// may say where GeNIO calls could otherwise have it call into the network in which it runs, such as the metadata service of a
// cloud (server-side request forgery, OWASP A10:2021).
//
// An address is checked twice. When it is entered, so that a person learns at once what is wrong with it; and when a
// connection is made, on the very IP address that the name stands for then, so that a name which changes its meaning in
// between (DNS rebinding) gains nothing.
package outbound
