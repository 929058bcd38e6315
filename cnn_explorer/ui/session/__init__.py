"""What all pages share: session, services, background jobs, runs, the edited network, settings."""
