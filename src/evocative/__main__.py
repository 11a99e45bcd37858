"""Run the command: `python -m evocative`."""


def main() -> None:
    """Start the command-line interface."""
    from evocative.cli import main as run

    run()


if __name__ == "__main__":
    main()
