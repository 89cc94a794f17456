"""How many wrong passwords we take, and what is counted. All of them are over in 15 minutes, as the page says.

An officer's account must not be guessed, and nobody must be able to shut an officer out by typing wrong passwords on
purpose. So tries are counted for an account *and* a network together: who types wrongly shuts out themselves, and
neither their colleagues behind the same address nor the owner of the account elsewhere. Guessing at many accounts from
one network, and at one account from many networks, have higher limits of their own. Whoever reached one of those would
shut out the owner after all; so a browser that has signed in to the account before is counted by itself (devices.py).

No growing delay beside it: at 30 tries in 15 minutes a password of twelve characters is not guessed, and a limit that
starts anew is easier to explain on the page and on the telephone.
"""

TRIES = "10/15 minutes"
"""From one network at one account; from one known browser; at the present password, when changing it."""
TRIES_PER_NETWORK = "100/15 minutes"
"""At whatever accounts: a whole office, or everybody of one mobile carrier, may stand behind one address."""
TRIES_PER_ACCOUNT = "30/15 minutes"
"""From unknown browsers anywhere: reached from several networks, never from one."""
