"""What the commands do, a module a command. ``cli`` says which options they have, and imports them when called."""
