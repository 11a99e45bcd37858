"""Run the command: `python -m evocative`."""


def main() -> None:
    """Start the command-line interface."""
    from evocative.cli import app

    app()


if __name__ == "__main__":
    main()
