// Package simulator holds stand-ins for the services that GeNIO calls: app IO's API for public bodies, Twilio's
// message API, the webhook receiver of an Ente and an OpenID provider. They speak the real wire protocols over HTTP, so that the embedded
// mode, the tests and the load tests run the product's own clients unchanged.
//
// What IO answers follows PagoPA's OpenAPI specification 4.0.0, the sources of its functions and the verdicts of its
// published payload codecs; what Twilio answers follows its API reference for version 2010-04-01. The recipient
// chooses the outcome: see [MagicCitizens] and [MagicPhones].
//
// Everything is kept in memory and bounded: beyond [Config.MaxEntries] the oldest entry goes. With a journal, what the
// services accepted outlives the process: see [Open].
package simulator
