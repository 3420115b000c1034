"""What happens on the made chain, a function a scene: from a stage to the drafts of its transactions."""
