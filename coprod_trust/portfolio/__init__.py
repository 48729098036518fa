"""Many studies side by side: run, compared and pooled where they can be. Reads what each study has published."""
