"""Neural generators and speech engines, through diffusers and transformers."""
