package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// bookingScript books a visit with nothing but sh, curl and sed, and prints the replies. It has no comments, as an
// interactive zsh would take them for commands.
const bookingScript = `URL=%s
TOKEN=$(curl -sS "$URL/v1/auth/login" -H 'Content-Type: application/json' -d %s | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
for TEXT in 'Quero fazer botox' 'sim' 'Ana Souza, 12/03/1985, 11 95555-0011' '1' 'sim'; do
  printf '\n> %%s\n' "$TEXT"
  REPLY=$(curl -sS "$URL/v1/clinics/%s/conversations/+5511955550011/messages" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d "{\"text\":\"$TEXT\"}" | sed 's/.*"replies":\[{"text":"\(.*\)"}\],"intent".*/\1/; s/\\"/"/g')
  printf '%%b\n' "$REPLY"
done
`

// printBanner tells who starts the demo where it is, how to get in, and how to book.
func (i *instance) printBanner(w io.Writer) {
	kept := "It keeps nothing: press Ctrl-C and it is gone."
	if i.store.durable {
		kept = "What it is told is kept in the database."
	}
	fmt.Fprintf(w, `secretary is running with the demo clinic %q. %[9]s

  address   %[2]s
  docs      %[2]s/docs
  manager   %[3]s  %[4]s
  admin     %[5]s  %[6]s  (of this clinic only)
  clinic    %[7]s

Paste this into another terminal to book a visit:

%[8]s
`, demoClinicName, i.url, i.manager.email, i.manager.password.reveal(), i.demo.admin.email, i.demo.admin.password.reveal(),
		i.demo.tenant, i.bookingScript(), kept)
}

func (i *instance) bookingScript() string {
	login, err := json.Marshal(map[string]string{"email": i.manager.email, "password": i.manager.password.reveal()})
	if err != nil { // strings can always be encoded
		panic(err)
	}
	return fmt.Sprintf(bookingScript, i.url, shellQuote(string(login)), i.demo.tenant)
}

// shellQuote makes one word of a text for any POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
